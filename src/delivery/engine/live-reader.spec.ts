import type { EventLog, LogSlice } from '../../kafka/log/event-log.js';
import { recordAt } from '../../kafka/log/testing/log-record.js';
import { LiveReader, type LiveReaderOwner } from './live-reader.js';

/** Reads one slice whose records were written under `epoch`, when the former one ended at `ended`. */
async function readUnder(epoch: number, ended: number | undefined, known = 4) {
  const slice: LogSlice = {
    records: [recordAt(100, { leaderEpoch: epoch })],
    leaderEpoch: epoch,
    nextOffset: 101,
    endOffset: 101,
    startOffset: 0,
  };
  const asked: number[] = [];
  const took: number[] = [];
  const lost: string[] = [];
  const log = {
    read: () => ({ next: async () => slice, close: async () => undefined }),
    admin: {
      epochEnd: async (_topic: string, _partition: number, leaderEpoch: number) => {
        asked.push(leaderEpoch);
        return ended === undefined ? undefined : { leaderEpoch, endOffset: ended };
      },
    },
  } as unknown as EventLog;
  await new Promise<void>((resolve) => {
    const owner: LiveReaderOwner = {
      name: { topic: 't', partition: 0 },
      topicId: 'k',
      liveOffset: 100,
      leaderEpoch: known,
      room: async () => undefined,
      take: ({ records }) => {
        took.push(...records.map(({ offset }) => offset));
        reader.close();
        resolve();
      },
      passExpired: () => undefined,
      lost: (why) => {
        lost.push(why);
        resolve();
      },
      onFailure: (error) => {
        throw error;
      },
    };
    const reader = new LiveReader(log, owner);
    reader.start();
  });
  return { asked, took, lost };
}

describe('live reading', () => {
  it('takes what the same leader wrote, and asks nobody', async () => {
    expect(await readUnder(4, 100)).toEqual({ asked: [], took: [100], lost: [] });
  });

  it('takes what a new leader wrote behind all that was read', async () => {
    expect(await readUnder(5, 100)).toEqual({ asked: [4], took: [100], lost: [] });
    expect(await readUnder(5, 130)).toEqual({ asked: [4], took: [100], lost: [] });
  });

  it('takes nothing of a log that was cut below what was read and has grown again', async () => {
    const { took, lost } = await readUnder(5, 80);
    expect([took, lost]).toEqual([[], ['the log was cut and has grown again']]);
  });

  it('takes what it cannot judge: no epoch is known, or the log has forgotten it', async () => {
    expect(await readUnder(5, 80, -1)).toEqual({ asked: [], took: [100], lost: [] });
    expect(await readUnder(5, undefined)).toEqual({ asked: [4], took: [100], lost: [] });
  });
});
