import type { FetchResult } from '../protocol/fetch.js';
import { LogUnavailable } from '../log.errors.js';
import { ChunkCache } from './chunk-cache.js';
import { PartitionSource } from './partition-source.js';
import { PulledReader, type ReaderHome } from './pulled-reader.js';

const empty = (endOffset: number): FetchResult => ({
  topic: 't',
  partition: 0,
  errorCode: 0,
  endOffset,
  startOffset: 0,
  aborted: [],
  records: Buffer.alloc(0),
});

const emptySource = (): PartitionSource => {
  const address = { topic: 't', topicId: 'id', partition: 0 };
  return new PartitionSource(address, new ChunkCache(1_000).partition(), async () => empty(0));
};

const turn = (): Promise<void> => new Promise(setImmediate);

/** A home whose source comes when the test lets it. */
const heldHome = (source: PartitionSource): { home: ReaderHome; release: () => void } => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const home: ReaderHome = {
    open: () => released.then(() => source),
    followTail: async () => undefined,
    leave: (left, follower) => left.unfollow(follower),
  };
  return { home, release };
};

const window = { maxBytes: 1_000, maxRecords: 10 };

describe('a pulled reader', () => {
  it('leaves a source that came only after its caller had given up waiting', async () => {
    const source = emptySource();
    const { home, release } = heldHome(source);
    const reader = new PulledReader('t', 0, 0, window, home);
    const stop = new AbortController();
    const waiting = reader.next({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    release();
    await turn();
    await reader.close();
    expect(source.unused).toBe(true);
  });

  it('does not leave a caller waiting at the tail when it is closed', async () => {
    const source = emptySource();
    const { home, release } = heldHome(source);
    release();
    const reader = new PulledReader('t', 0, 0, window, home);
    const waiting = reader.next();
    await turn();
    await reader.close();
    await expect(waiting).rejects.toThrow(LogUnavailable);
  });
});

describe('what a source knows of the end', () => {
  it('is not taken back by an answer that was overtaken, while the tail is followed', () => {
    const source = emptySource();
    source.follow({ offset: 0 });
    source.join(0);
    source.accept(empty(10), 0);
    source.accept(empty(4), 0);
    expect(source.endOffset).toBe(10);
  });

  it('is forgotten when the tail is lost, as a leader that comes back may have less', async () => {
    const source = emptySource();
    source.follow({ offset: 0 });
    source.join(0);
    source.accept(empty(10), 0);
    source.leaveTail();
    await source.load(0);
    expect(source.endOffset).toBe(0);
  });
});
