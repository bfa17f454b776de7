import { batchesIn } from '../../records/batches.js';

/** A file, whatever its names: its bytes, and those of them that a power cut leaves for certain. */
export class SimulatedFile {
  /** Replaced at each change, so that what is being synced stays what it was. */
  bytes: Buffer = Buffer.alloc(0);
  synced: Buffer = Buffer.alloc(0);

  write(bytes: Buffer, position: number): void {
    this.truncate(Math.max(this.bytes.length, position + bytes.length));
    bytes.copy(this.bytes, position);
  }

  /** Cuts it, or makes it longer by zeros. */
  truncate(size: number): void {
    const changed = Buffer.alloc(size);
    this.bytes.copy(changed);
    this.bytes = changed;
  }

  /**
   * All, nothing, or a part of what is not synced, which may end in zeros.
   * @param atBatches of a log, whole batches only
   */
  afterPowerCut(random: () => number, atBatches: boolean): Buffer {
    const { bytes, synced } = this;
    const chance = random();
    if (chance < 0.35) return synced;
    if (chance < 0.6) return bytes;
    if (bytes.length < synced.length) return random() < 0.5 ? bytes : synced;
    const more = Math.floor(random() * (bytes.length - synced.length + 1));
    const left = Buffer.from(bytes.subarray(0, synced.length + more));
    if (atBatches) return left.subarray(0, Math.max(synced.length, endOfBatches(left)));
    if (random() < 0.3) left.fill(0, synced.length + Math.floor(random() * more));
    return left;
  }
}

function endOfBatches(bytes: Buffer): number {
  let end = 0;
  for (const batch of batchesIn(bytes)) end = batch.position + batch.bytes.length;
  return end;
}
