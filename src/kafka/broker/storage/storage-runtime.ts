/** File handles and caches that all logs of a process share. */
export class StorageRuntime {
  constructor(
    readonly options: {
      /** Most file handles kept open at once over all logs. Default 512. */
      readonly maxOpenFiles?: number;
      /** Bytes of recent appends kept in memory over all logs. Default 64 MiB. */
      readonly tailCacheBytes?: number;
    } = {},
  ) {}

  /** Closes every file handle. Logs must be closed before. */
  close(): void {
    throw new Error('not built yet');
  }
}
