/** What was written and may not be read yet, so that its bytes are counted once it may. */
export class UnreadBytes {
  /** Ends of appends, rising, and the bytes of each. */
  private readonly ends: number[] = [];
  private readonly sizes: number[] = [];

  /** An append ends before this offset. */
  wrote(endOffset: number, bytes: number): void {
    // Those at or after it were cut off.
    while (this.ends.length > 0 && this.ends.at(-1)! >= endOffset) {
      this.ends.pop();
      this.sizes.pop();
    }
    this.ends.push(endOffset);
    this.sizes.push(bytes);
  }

  /** Bytes that may be read now that everything before the offset may, and were not told before. */
  readableTo(offset: number): number {
    let count = 0;
    let bytes = 0;
    for (; count < this.ends.length && this.ends[count]! <= offset; count++) {
      bytes += this.sizes[count]!;
    }
    if (count > 0) this.forget(count);
    return bytes;
  }

  private forget(count: number): void {
    if (count === this.ends.length) {
      // The usual case, which makes nothing.
      this.ends.length = 0;
      this.sizes.length = 0;
      return;
    }
    this.ends.splice(0, count);
    this.sizes.splice(0, count);
  }
}
