import type { Purpose } from '../cluster/cluster.js';
import { LogUnavailable } from '../log.errors.js';
import { encodeBatch, recordSize } from '../protocol/encode-batch.js';
import type { FetchPart, FetchRequest, FetchResult } from '../protocol/fetch.js';
import { ChunkCache } from './chunk-cache.js';
import { PartitionSource } from './partition-source.js';
import { TailFetcher, type TailTransport } from './tail-fetcher.js';

const empty = (endOffset: number): FetchResult => ({
  topic: 't',
  partition: 0,
  errorCode: 0,
  endOffset,
  startOffset: 0,
  aborted: [],
  records: Buffer.alloc(0),
});

const oneRecord = (offset: number): Buffer => {
  const record = { key: null, value: Buffer.from('x'), headers: [], partitionBy: Buffer.alloc(0) };
  const stamp = { producerId: -1n, producerEpoch: -1, baseSequence: -1 };
  const batch = encodeBatch([{ record, size: recordSize(record) }], stamp, 0);
  batch.writeBigInt64BE(BigInt(offset));
  return batch;
};

/** Holds each poll until the test ends it. */
class HeldPolls implements TailTransport {
  /** Partitions that answer with something. */
  readonly full = new Set<number>();
  readonly polls: {
    readonly purpose: Purpose;
    readonly partitions: readonly number[];
    readonly end: (failure?: Error) => void;
  }[] = [];

  async fetch(_broker: number, purpose: Purpose, request: FetchRequest) {
    await new Promise<void>((resolve, reject) => {
      const partitions = request.parts.map(({ partition }) => partition);
      const end = (failure?: Error): void => (failure ? reject(failure) : resolve());
      this.polls.push({ purpose, partitions, end });
    });
    return (part: FetchPart): FetchResult | undefined =>
      this.full.has(part.partition)
        ? { ...empty(part.offset + 1), records: oneRecord(part.offset) }
        : empty(part.offset);
  }
}

const turn = (): Promise<void> => new Promise(setImmediate);

/** A source with a reader that waits at its tail. */
const sourceOf = (partition: number): PartitionSource => {
  const cache = new ChunkCache(1_000).partition();
  const address = { topic: 't', topicId: 'id', partition };
  const source = new PartitionSource(address, cache, async () => empty(0));
  source.follow({ offset: 0 });
  source.join(0);
  return source;
};

describe('the tail fetcher', () => {
  it('covers all partitions that are followed with one long poll', async () => {
    const transport = new HeldPolls();
    const tail = new TailFetcher(1, transport, () => 0);
    tail.add(sourceOf(0));
    tail.add(sourceOf(1));
    await turn();
    expect(transport.polls).toMatchObject([{ purpose: 'tail', partitions: [0, 1] }]);
  });

  it('polls a partition that joins at once, on the second connection, then takes it along', async () => {
    const transport = new HeldPolls();
    const tail = new TailFetcher(1, transport, () => 0);
    tail.add(sourceOf(0));
    await turn();
    tail.add(sourceOf(1));
    await turn();
    expect(transport.polls[1]).toMatchObject({ purpose: 'join', partitions: [1] });
    transport.polls[1]?.end();
    await turn();
    expect(transport.polls[2]).toMatchObject({ purpose: 'join', partitions: [1] });
    transport.polls[0]?.end();
    await turn();
    expect(transport.polls[3]).toMatchObject({ purpose: 'tail', partitions: [0] });
    transport.polls[2]?.end();
    await turn();
    expect(transport.polls).toHaveLength(4);
    transport.polls[3]?.end();
    await turn();
    expect(transport.polls.slice(4)).toMatchObject([{ purpose: 'tail', partitions: [0, 1] }]);
  });

  it('lets the readers find out themselves when a poll fails, and stops polling meanwhile', async () => {
    const transport = new HeldPolls();
    const tail = new TailFetcher(1, transport, () => 0);
    const source = sourceOf(0);
    const woken = new Promise<void>((resolve) => {
      source.wait(resolve);
    });
    tail.add(source);
    await turn();
    transport.polls[0]?.end(new LogUnavailable('gone'));
    await woken;
    expect(source.joined).toBe(false);
    expect(transport.polls).toHaveLength(1);
  });

  it('asks last about who got something, so that no busy partition keeps another waiting', async () => {
    const transport = new HeldPolls();
    const tail = new TailFetcher(1, transport, () => 0);
    for (const partition of [0, 1, 2]) tail.add(sourceOf(partition));
    await turn();
    transport.full.add(0);
    transport.polls[0]?.end();
    await turn();
    expect(transport.polls[1]?.partitions).toEqual([1, 2, 0]);
  });

  it('stops when nobody reads any more', async () => {
    const transport = new HeldPolls();
    const tail = new TailFetcher(1, transport, () => 0);
    const source = sourceOf(0);
    tail.add(source);
    await turn();
    tail.remove(source);
    transport.polls[0]?.end();
    await turn();
    expect(transport.polls).toHaveLength(1);
  });
});
