import type { LogSlice } from '../../log/event-log.js';
import { LogTopicGone } from '../../log/log.errors.js';
import { recordAt } from '../../log/testing/log-record.js';
import { PartitionFollower } from './partition-follower.js';
import type { TopicLog } from './topic-log.js';

/** A topic in memory; `remake` deletes it and makes it again. */
class FakeTopic implements TopicLog {
  end = 0;
  private incarnation = 0;
  private wake = (): void => undefined;

  append(count: number): void {
    this.end += count;
    this.wake();
  }

  remake(count: number): void {
    this.incarnation += 1;
    this.end = count;
    this.wake();
  }

  async offsets(_topic: string, at: unknown): Promise<ReadonlyMap<number, number>> {
    return new Map([[0, at === 'latest' ? this.end : 0]]);
  }

  read({ offset }: { readonly offset: number }) {
    let position = offset;
    const { incarnation } = this;
    const next = async ({ signal }: { signal?: AbortSignal } = {}): Promise<LogSlice> => {
      while (incarnation === this.incarnation && position >= this.end) {
        await new Promise<void>((resolve, reject) => {
          this.wake = resolve;
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      }
      if (incarnation !== this.incarnation) throw new LogTopicGone('made again');
      const records = Array.from({ length: this.end - position }, (_, n) => recordAt(position + n));
      position = this.end;
      return { records, leaderEpoch: 0, nextOffset: position, endOffset: this.end, startOffset: 0 };
    };
    return { topic: 't', partition: 0, next, close: async () => undefined };
  }
}

describe('a follower of a partition', () => {
  let topic: FakeTopic;
  let follower: PartitionFollower;
  let seen: number[];
  let resets: number;

  beforeEach(() => {
    topic = new FakeTopic();
    seen = [];
    resets = 0;
    follower = new PartitionFollower(topic, {
      topic: 't',
      partition: 0,
      from: 'earliest',
      onRecord: ({ offset }) => void seen.push(offset),
      onReset: () => void (resets += 1),
    });
    topic.append(3);
    follower.start();
  });

  afterEach(() => follower.stop());

  it('reads a topic that was made again from its beginning, however long it is', async () => {
    await follower.caughtUp();
    topic.remake(5);
    await follower.caughtUp().catch(() => follower.caughtUp());
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 3, 4]);
    expect(resets).toBe(1);
  });

  it('lets nobody wait for offsets that a topic made again will not have', async () => {
    await follower.caughtUp();
    topic.end = 100;
    const waiting = follower.caughtUp();
    topic.remake(1);
    await expect(waiting).rejects.toMatchObject({ code: 'TRANSPORT.UNAVAILABLE' });
  });

  it('does not say that it is at the end of a topic that is shorter than what it read', async () => {
    await follower.caughtUp();
    topic.end = 1;
    await expect(follower.caughtUp()).rejects.toMatchObject({ code: 'TRANSPORT.UNAVAILABLE' });
  });

  it('lets nobody wait for ever when it is stopped', async () => {
    await follower.caughtUp();
    topic.end = 100;
    const waiting = follower.caughtUp();
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'TRANSPORT.UNAVAILABLE' }),
      new Promise((resolve) => setImmediate(resolve)).then(() => follower.stop()),
    ]);
  });
});
