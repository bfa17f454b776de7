import { CorruptRecords } from '../records.errors.js';
import { MAX_DECOMPRESSED_BYTES } from './codec.js';

/** What the compressed batches of one request may grow to together: they are opened in one turn. */
export class DecompressionBudget {
  private left = MAX_DECOMPRESSED_BYTES;

  /**
   * Opens a batch within a bound of its own and what is left; what fails has used all of it.
   * @throws CorruptRecords when nothing is left, and what `open` throws
   */
  spend(maxBytes: number, open: (maxBytes: number) => Buffer): Buffer {
    if (this.left <= 0) throw new CorruptRecords('the batches of the request grow too large');
    const bound = Math.min(maxBytes, this.left);
    let used = bound;
    try {
      const bytes = open(bound);
      used = bytes.length;
      return bytes;
    } finally {
      this.left -= used;
    }
  }
}
