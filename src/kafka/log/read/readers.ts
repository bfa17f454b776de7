import type { OffsetLookup } from '../admin/offset-lookup.js';
import type { PartitionReader } from '../event-log.js';
import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { ChunkCache } from './chunk-cache.js';
import { DirectRead } from './direct-read.js';
import type { Fetcher, Leader, PartitionAddress } from './fetcher.js';
import { PartitionSource, type Follower } from './partition-source.js';
import { PulledReader } from './pulled-reader.js';
import { TailFetcher } from './tail-fetcher.js';

const CACHE_BYTES = 64 * 1024 * 1024;
const SLICE_BYTES = 1024 * 1024;
const SLICE_RECORDS = 1_000;

/** What to read, as EventLog.read takes it. */
export interface ReadOptions {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly topicId?: string;
  readonly maxBytes?: number;
  readonly maxRecords?: number;
}

const nameOf = ({ topicId, partition }: PartitionAddress): string => `${topicId}/${partition}`;

/** All readers of the process: they share sources, the cache and one tail fetcher per broker. */
export class Readers {
  private readonly cache = new ChunkCache(CACHE_BYTES);
  private readonly sources = new Map<string, PartitionSource>();
  private readonly tails = new Map<number, TailFetcher>();
  private readonly leaders = new WeakMap<PartitionSource, Leader>();
  private readonly directRead: DirectRead;
  private closed = false;

  constructor(
    private readonly fetcher: Fetcher,
    offsets: OffsetLookup,
  ) {
    this.directRead = new DirectRead(fetcher, offsets);
  }

  open(options: ReadOptions): PartitionReader {
    const {
      topic,
      partition,
      offset,
      maxBytes = SLICE_BYTES,
      maxRecords = SLICE_RECORDS,
    } = options;
    return new PulledReader(
      topic,
      partition,
      offset,
      { maxBytes, maxRecords },
      {
        open: () => this.source(options),
        followTail: (source) => this.followTail(source),
        leave: (source, follower) => this.leave(source, follower),
      },
    );
  }

  get openPartitions(): number {
    return this.sources.size;
  }

  get openReaders(): number {
    let open = 0;
    for (const source of this.sources.values()) open += source.followerCount;
    return open;
  }

  close(): void {
    this.closed = true;
    for (const source of this.sources.values()) source.leaveTail();
  }

  private async source(options: ReadOptions): Promise<PartitionSource> {
    if (this.closed) throw new LogUnavailable('The log is closed.');
    const { topic, partition } = options;
    const topicId = options.topicId ?? (await this.fetcher.topicId(topic));
    if (topicId === undefined) throw new LogTopicGone(`Topic ${topic} is not in Kafka.`);
    const address = { topic, topicId, partition };
    let source = this.sources.get(nameOf(address));
    // Readers that come after it was found gone look anew: it may have been a broker's late news.
    if (source === undefined || source.gone !== undefined) {
      source = new PartitionSource(address, this.cache.partition(), (offset) =>
        this.directRead.read(address, offset),
      );
      this.sources.set(nameOf(address), source);
    }
    return source;
  }

  private async followTail(source: PartitionSource): Promise<void> {
    try {
      const leader = await this.fetcher.locate(source.address);
      if (this.leaders.get(source)?.broker !== leader.broker) this.moveFrom(source);
      this.leaders.set(source, leader);
      this.tail(leader.broker).add(source);
    } catch {
      // Readers then read directly, and meet the reason there.
      source.leaveTail();
    }
  }

  private moveFrom(source: PartitionSource): void {
    const former = this.leaders.get(source);
    if (former !== undefined) this.tails.get(former.broker)?.remove(source);
  }

  private tail(broker: number): TailFetcher {
    let tail = this.tails.get(broker);
    if (tail === undefined) {
      const epochOf = (source: PartitionSource): number =>
        this.leaders.get(source)?.leaderEpoch ?? -1;
      tail = new TailFetcher(broker, this.fetcher, epochOf);
      this.tails.set(broker, tail);
    }
    return tail;
  }

  private leave(source: PartitionSource, follower: Follower): void {
    source.unfollow(follower);
    if (!source.unused) return;
    source.joined = false;
    source.chunks.clear();
    this.moveFrom(source);
    const name = nameOf(source.address);
    if (this.sources.get(name) === source) this.sources.delete(name);
  }
}
