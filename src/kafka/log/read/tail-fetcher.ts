import type { Purpose } from '../cluster/cluster.js';
import type { FetchPart } from '../protocol/fetch.js';
import type { Fetcher } from './fetcher.js';
import type { PartitionSource } from './partition-source.js';

const LONG_POLL_MS = 500;
/** A poll for those who join while the long one is under way; short, so that the next may join. */
const JOIN_POLL_MS = 20;
const PARTITION_BYTES = 256 * 1024;
const ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Follows the ends of all partitions of one broker that somebody reads, with one long poll on a
 * connection of its own. A broker answers a connection's requests in turn, so partitions that join
 * meanwhile are polled on a second connection until the long poll returns and takes them along.
 */
export class TailFetcher {
  private readonly sources = new Set<PartitionSource>();
  /** Sources that a request under way covers. */
  private readonly polled = new Set<PartitionSource>();
  private readonly running = new Set<Purpose>();

  constructor(
    private readonly broker: number,
    private readonly fetcher: Fetcher,
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
    setImmediate(() => void this.run(purpose, purpose === 'tail' ? LONG_POLL_MS : JOIN_POLL_MS));
  }

  remove(source: PartitionSource): void {
    this.sources.delete(source);
  }

  private async run(purpose: Purpose, maxWaitMs: number): Promise<void> {
    for (let sources = this.due(); sources.length > 0; sources = this.due()) {
      await this.poll(purpose, maxWaitMs, sources);
    }
    this.running.delete(purpose);
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
      const resultOf = await this.fetcher.fetch(this.broker, purpose, request);
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
    resultOf: Awaited<ReturnType<Fetcher['fetch']>>,
  ): void {
    this.polled.delete(source);
    if (part === undefined) return;
    try {
      source.accept(resultOf(part), part.offset);
    } catch {
      // A batch that cannot be decoded: the reader meets the same error and tells its caller.
      source.leaveTail();
    }
  }
}
