import { MalformedRequest } from '../protocol/malformed-request.js';

const LENGTH_BYTES = 4;
/** Smaller pieces of a frame are joined while it arrives. */
const CRUMB_BYTES = 2048;

/**
 * Cuts a byte stream into Kafka's frames: a 32-bit length, then that many bytes. Keeps only bytes
 * that have really arrived, whatever length a peer announces. A frame that lies in one chunk is
 * handed out as a view of it; one that spans several is joined once.
 */
export class FrameSplitter {
  private readonly chunks: Buffer[] = [];
  private buffered = 0;
  private expected = -1;
  private refused: MalformedRequest | undefined;

  /** @param maxFrameBytes a longer announced frame is refused; may change. */
  constructor(public maxFrameBytes: number) {}

  /** Bytes that arrived and are no whole frame yet. */
  get bufferedBytes(): number {
    return this.buffered;
  }

  /** In how many buffers they are: few, however small the pieces were that arrived. */
  get pieces(): number {
    return this.chunks.length;
  }

  /** Why the stream can be cut no further: what follows its frames so far is none. */
  get failure(): MalformedRequest | undefined {
    return this.refused;
  }

  /** Takes the next bytes of the stream; returns the frames that are now complete. */
  push(chunk: Buffer): readonly Buffer[] {
    if (this.refused) return [];
    this.chunks.push(chunk);
    this.joinCrumbs();
    this.buffered += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.next(); frame; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Buffer | undefined {
    if (this.expected < 0) {
      if (this.buffered < LENGTH_BYTES) return undefined;
      const length = this.take(LENGTH_BYTES).readInt32BE(0);
      if (!this.isAllowed(length)) return undefined;
      this.expected = length;
    }
    if (this.buffered < this.expected) return undefined;
    const frame = this.take(this.expected);
    this.expected = -1;
    return frame;
  }

  private isAllowed(length: number): boolean {
    if (length >= 0 && length <= this.maxFrameBytes) return true;
    this.refused = new MalformedRequest(
      `a frame of ${length} bytes; at most ${this.maxFrameBytes}`,
    );
    this.chunks.length = 0;
    this.buffered = 0;
    return false;
  }

  /**
   * Who sends byte by byte has each of them in a buffer of its own, which takes a hundred times as
   * much: crumbs of one size become one of twice the size, as in a binary counter.
   */
  private joinCrumbs(): void {
    const { chunks } = this;
    for (;;) {
      const [former, last] = [chunks.at(-2), chunks.at(-1)];
      if (!former || !last || last.length >= CRUMB_BYTES || former.length > last.length) return;
      chunks.splice(-2, 2, Buffer.concat([former, last]));
    }
  }

  private take(length: number): Buffer {
    this.buffered -= length;
    const parts: Buffer[] = [];
    let taken = 0;
    for (let missing = length; missing > 0;) {
      const head = this.chunks[taken]!;
      if (head.length <= missing) taken += 1;
      else this.chunks[taken] = head.subarray(missing);
      const part = head.length <= missing ? head : head.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
    }
    // At once: a frame may have come in a hundred thousand pieces.
    this.chunks.splice(0, taken);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
  }
}
