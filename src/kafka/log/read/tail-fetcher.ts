import type { Purpose } from '../cluster/cluster.js';
import type { FetchPart, FetchRequest, FetchResult } from '../protocol/fetch.js';
import type { PartitionSource } from './partition-source.js';

/** How a poll reaches its broker; Fetcher does. */
export interface TailTransport {
  /** @throws LogUnavailable */
  fetch(
    broker: number,
    purpose: Purpose,
    request: FetchRequest,
  ): Promise<(part: FetchPart) => FetchResult | undefined>;
}

const LONG_POLL_MS = 500;
/** A poll for those who join while the long one is under way; short, so that the next may join. */
const JOIN_POLL_MS = 20;
const PARTITION_BYTES = 256 * 1024;
const ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Follows the ends of all partitions of one broker that somebody reads, with one long poll on a
 * connection of its own. A broker answers a connection's requests in turn, so partitions that join
 * meanwhile are polled on a second connection. When the long poll returns, a short one follows
 * while the second connection comes to rest, and the next long poll takes all along.
 */
export class TailFetcher {
  private readonly sources = new Set<PartitionSource>();
  /** Sources that a request under way covers. */
  private readonly polled = new Set<PartitionSource>();
  private readonly running = new Set<Purpose>();
  /** The tail's poll is a short one: its next takes along those that joined. */
  private takesAlong = false;

  constructor(
    private readonly broker: number,
    private readonly transport: TailTransport,
    private readonly leaderEpoch: (source: PartitionSource) => number,
  ) {}

  /** Has the source polled from now on, while it is wanted. */
  add(source: PartitionSource): void {
    this.sources.add(source);
    if (this.polled.has(source)) return;
    const purpose = this.running.has('tail') ? 'join' : 'tail';
    if (this.running.has(purpose)) return;
    this.running.add(purpose);
    // Those that come in the same turn of the event loop share the request.
    setImmediate(() => void (purpose === 'tail' ? this.runTail() : this.runJoin()));
  }

  remove(source: PartitionSource): void {
    this.sources.delete(source);
  }

  private async runTail(): Promise<void> {
    for (let sources = this.due(); sources.length > 0; sources = this.due()) {
      this.takesAlong = this.running.has('join');
      await this.poll('tail', this.takesAlong ? JOIN_POLL_MS : LONG_POLL_MS, sources);
    }
    this.takesAlong = false;
    this.running.delete('tail');
  }

  private async runJoin(): Promise<void> {
    for (let sources = this.due(); sources.length > 0; sources = this.due()) {
      await this.poll('join', JOIN_POLL_MS, sources);
      if (this.takesAlong) break;
    }
    this.running.delete('join');
    // Those left over are taken along by the tail's next poll, or start one.
    if (!this.running.has('tail')) for (const source of this.due()) this.add(source);
  }

  private due(): readonly PartitionSource[] {
    const due: PartitionSource[] = [];
    for (const source of this.sources) {
      if (!source.joined) this.sources.delete(source);
      else if (source.wanted && !this.polled.has(source)) due.push(source);
    }
    return due;
  }

  private async poll(
    purpose: Purpose,
    maxWaitMs: number,
    sources: readonly PartitionSource[],
  ): Promise<void> {
    const parts = sources.map((source): FetchPart => {
      const { tailPosition: offset, address } = source;
      const leaderEpoch = this.leaderEpoch(source);
      return { ...address, offset, leaderEpoch, maxBytes: PARTITION_BYTES };
    });
    for (const source of sources) this.polled.add(source);
    try {
      const request = { parts, maxWaitMs, maxBytes: ANSWER_BYTES };
      const resultOf = await this.transport.fetch(this.broker, purpose, request);
      sources.forEach((source, index) => this.accept(source, parts[index], resultOf));
    } catch {
      // Why is found out by the readers: each looks for itself, on the catch-up connection.
      for (const source of sources) source.leaveTail();
    } finally {
      for (const source of sources) this.polled.delete(source);
    }
  }

  private accept(
    source: PartitionSource,
    part: FetchPart | undefined,
    resultOf: (part: FetchPart) => FetchResult | undefined,
  ): void {
    this.polled.delete(source);
    if (part === undefined) return;
    try {
      const result = resultOf(part);
      source.accept(result, part.offset);
      if (result !== undefined && result.records.length > 0) this.moveBack(source);
    } catch {
      // A batch that cannot be decoded: the reader meets the same error and tells its caller.
      source.leaveTail();
    }
  }

  /**
   * Who got something is asked about last. A broker gives a batch that is over the bound only of
   * the first partition that has one, so a busy partition before it would keep it from ever coming.
   */
  private moveBack(source: PartitionSource): void {
    if (this.sources.delete(source)) this.sources.add(source);
  }
}
