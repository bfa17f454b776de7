import { setTimeout as delay } from 'node:timers/promises';

import type { LogSlice, PartitionReader } from '../event-log.js';
import { LogUnavailable } from '../log.errors.js';
import type { Chunk } from './chunk-cache.js';
import type { Follower, PartitionSource } from './partition-source.js';

/** What a reader needs of the process's readers. */
export interface ReaderHome {
  /** The shared source. @throws LogTopicGone @throws LogUnavailable */
  open(): Promise<PartitionSource>;
  /** Has the source's tail followed. */
  followTail(source: PartitionSource): Promise<void>;
  leave(source: PartitionSource, follower: Follower): void;
}

/** Bounds of one slice. */
export interface Window {
  readonly maxBytes: number;
  readonly maxRecords: number;
}

const REJOIN_PAUSE_MS = 20;

/** Index of the first record at or after `offset`. */
const firstAt = (records: Chunk['records'], offset: number): number => {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.offset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
};

const never = new Promise<never>(() => undefined);

/** Rejects with the signal's reason; the listener is gone when `dispose` was called. */
const aborted = (signal?: AbortSignal): { promise: Promise<never>; dispose: () => void } => {
  if (signal === undefined) return { promise: never, dispose: () => undefined };
  let listener = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason);
    signal.addEventListener('abort', listener, { once: true });
  });
  promise.catch(() => undefined);
  return { promise, dispose: () => signal.removeEventListener('abort', listener) };
};

/** A pull reader over a shared source; holds nothing but its place. */
export class PulledReader implements PartitionReader, Follower {
  offset: number;
  private source: PartitionSource | undefined;
  private opening: Promise<PartitionSource> | undefined;
  /** Ends the wait at the tail that is under way. */
  private wake = (): void => undefined;
  private closed = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    from: number,
    private readonly window: Window,
    private readonly home: ReaderHome,
  ) {
    this.offset = from;
  }

  async next(options: { signal?: AbortSignal; maxWaitMs?: number } = {}): Promise<LogSlice> {
    const { signal, maxWaitMs = Infinity } = options;
    signal?.throwIfAborted();
    const end = performance.now() + maxWaitMs;
    const abort = aborted(signal);
    try {
      for (;;) {
        if (this.closed) throw new LogUnavailable('The reader is closed.');
        const source = this.source ?? (await Promise.race([this.open(), abort.promise]));
        if (source.gone !== undefined) throw source.gone;
        const chunk = source.chunks.find(this.offset);
        if (chunk !== undefined) return this.slice(source, chunk);
        if (source.endOffset === undefined || this.offset < source.endOffset) {
          await Promise.race([source.load(this.offset), abort.promise]);
        } else if (performance.now() >= end) return this.nothing(source);
        else await this.waitAtTail(source, end, abort.promise);
      }
    } finally {
      abort.dispose();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    if (this.source !== undefined) this.home.leave(this.source, this);
  }

  /** Goes on when its caller was aborted meanwhile: the next call finds the source. */
  private async open(): Promise<PartitionSource> {
    this.opening ??= this.openOnce().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async openOnce(): Promise<PartitionSource> {
    const source = await this.home.open();
    if (this.closed) throw new LogUnavailable('The reader is closed.');
    source.follow(this);
    this.source = source;
    return source;
  }

  private nothing(source: PartitionSource): LogSlice {
    return {
      records: [],
      leaderEpoch: -1,
      nextOffset: this.offset,
      endOffset: source.endOffset ?? this.offset,
      startOffset: source.startOffset,
    };
  }

  private slice(source: PartitionSource, chunk: Chunk): LogSlice {
    const first = firstAt(chunk.records, this.offset);
    const past = this.lastWithin(chunk.records, first);
    const records = chunk.records.slice(first, past);
    const whole = past === chunk.records.length;
    this.offset = whole ? chunk.next : (records.at(-1)?.offset ?? chunk.next - 1) + 1;
    this.readAhead(source);
    const leaderEpoch = whole ? chunk.leaderEpoch : (records.at(-1)?.leaderEpoch ?? -1);
    return {
      records,
      leaderEpoch,
      nextOffset: this.offset,
      endOffset: Math.max(source.endOffset ?? 0, chunk.next),
      startOffset: source.startOffset,
    };
  }

  private lastWithin(records: Chunk['records'], first: number): number {
    let bytes = 0;
    let past = first;
    for (; past < records.length && past - first < this.window.maxRecords; past += 1) {
      const record = records[past];
      if (record !== undefined) bytes += record.bytes;
      if (bytes > this.window.maxBytes && past > first) break;
    }
    return past;
  }

  /** Has the next stretch fetched while the caller works on this one. */
  private readAhead(source: PartitionSource): void {
    if (source.joined) void this.home.followTail(source);
    if (source.endOffset === undefined || this.offset >= source.endOffset) return;
    if (source.chunks.find(this.offset) !== undefined || source.joined) return;
    // A failure here is met again, and told, when the stretch is asked for.
    source.load(this.offset).catch(() => undefined);
  }

  private async waitAtTail(
    source: PartitionSource,
    end: number,
    abort: Promise<never>,
  ): Promise<void> {
    const rejoining = !source.joined;
    let timer: NodeJS.Timeout | undefined;
    let stop = (): unknown => undefined;
    const woken = new Promise<void>((resolve) => {
      stop = source.wait(resolve);
      this.wake = resolve;
      const left = end - performance.now();
      if (left !== Infinity) timer = setTimeout(resolve, left);
    });
    source.join(this.offset);
    try {
      await this.home.followTail(source);
      await Promise.race([woken, abort]);
      // The tail was lost: a pause keeps readers from asking in a tight loop.
      if (rejoining && !source.joined) await Promise.race([delay(REJOIN_PAUSE_MS), abort]);
    } finally {
      clearTimeout(timer);
      stop();
    }
  }
}
