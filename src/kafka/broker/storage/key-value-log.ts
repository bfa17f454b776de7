import { type PartitionLogOptions } from './log-types.js';

/** A small durable map on a compacted log. */
export class KeyValueLog {
  static open(_options: PartitionLogOptions): Promise<KeyValueLog> {
    throw new Error('not built yet');
  }
  get(_key: string): Buffer | undefined {
    throw new Error('not built yet');
  }
  entries(): IterableIterator<[string, Buffer]> {
    throw new Error('not built yet');
  }
  get size(): number {
    throw new Error('not built yet');
  }
  /** Writes all or nothing, in one batch; null deletes. Visible to get() once stored. */
  write(_changes: Iterable<readonly [string, Buffer | null]>): Promise<void> {
    throw new Error('not built yet');
  }
  cleanOnce(_now?: number): Promise<void> {
    throw new Error('not built yet');
  }
  close(): Promise<void> {
    throw new Error('not built yet');
  }
}
