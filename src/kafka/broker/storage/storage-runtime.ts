import { FilePool } from './file-pool.js';
import { type Files, nodeFiles } from './files.js';
import { guardedFiles } from './guarded-files.js';
import { ProducerBudget } from './producer-budget.js';
import { TailCache } from './tail-cache.js';

/** Bounds of what all logs of a process share. */
export interface StorageRuntimeOptions {
  /** Most file handles kept open at once over all logs. Default 512. */
  readonly maxOpenFiles?: number;
  /** Bytes of recent appends kept in memory over all logs. Default 8 MiB. */
  readonly tailCacheBytes?: number;
  /** Idempotent producers that all logs remember together. Default 100,000, some 500 bytes each. */
  readonly maxProducers?: number;
  /** The file system; the real one by default. */
  readonly files?: Files;
  /** Called before each change of a file; what it throws refuses the change. */
  readonly guard?: () => void;
}

/** File handles and caches that all logs of a process share. */
export class StorageRuntime {
  readonly files: Files;
  /** To be called before changes that are not made by `files`. @throws what keeps from it */
  readonly guard: () => void;
  readonly pool: FilePool;
  readonly tails: TailCache;
  readonly producers: ProducerBudget;

  constructor(options: StorageRuntimeOptions = {}) {
    this.guard = options.guard ?? (() => undefined);
    this.files = guardedFiles(options.files ?? nodeFiles, this.guard);
    this.pool = new FilePool(this.files, options.maxOpenFiles ?? 512);
    this.producers = new ProducerBudget(options.maxProducers ?? 100_000);
    this.tails = new TailCache(options.tailCacheBytes ?? 8 * 1024 * 1024);
  }

  /** Closes every file handle. Logs must be closed before. */
  close(): void {
    this.pool.closeAll();
  }
}
