import { MalformedRequest } from '../protocol/malformed-request.js';

const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into Kafka's frames: a 32-bit length, then that many bytes. Keeps only bytes
 * that have really arrived, whatever length a peer announces. A frame that lies in one chunk is
 * handed out as a view of it; one that spans several is joined once.
 */
export class FrameSplitter {
  private readonly chunks: Buffer[] = [];
  private buffered = 0;
  private expected = -1;

  /** @param maxFrameBytes a longer announced frame is refused with MalformedRequest. */
  constructor(private readonly maxFrameBytes: number) {}

  /** Bytes that arrived and are no whole frame yet. */
  get bufferedBytes(): number {
    return this.buffered;
  }

  /** Takes the next bytes of the stream; returns the frames that are now complete. */
  push(chunk: Buffer): readonly Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.next(); frame; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Buffer | undefined {
    if (this.expected < 0) {
      if (this.buffered < LENGTH_BYTES) return undefined;
      this.expected = this.checked(this.take(LENGTH_BYTES).readInt32BE(0));
    }
    if (this.buffered < this.expected) return undefined;
    const frame = this.take(this.expected);
    this.expected = -1;
    return frame;
  }

  private checked(length: number): number {
    if (length >= 0 && length <= this.maxFrameBytes) return length;
    throw new MalformedRequest(`a frame of ${length} bytes; at most ${this.maxFrameBytes}`);
  }

  private take(length: number): Buffer {
    this.buffered -= length;
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0;) {
      const head = this.chunks[0]!;
      if (head.length <= missing) this.chunks.shift();
      else this.chunks[0] = head.subarray(missing);
      const part = head.length <= missing ? head : head.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
  }
}
