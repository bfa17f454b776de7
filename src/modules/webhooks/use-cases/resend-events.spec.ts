import type { RedriveStore } from '../../../delivery/persistence/redrive.store.js';
import type { EventLog, LogRecord } from '../../../kafka/log/event-log.js';
import { recordAt } from '../../../kafka/log/testing/log-record.js';
import type { WebhookDelivery } from '../delivery/webhook-delivery.js';
import type { WebhookDirectory } from '../delivery/webhook-directory.js';
import { ResendEvents } from './resend-events.js';

const BYTES = 1024 * 1024;

/** A topic of 100 records of 1 MiB each. */
function setUp() {
  const stored: number[] = [];
  let reading = 0;
  let mostAtOnce = 0;
  const log = {
    admin: {
      describeTopic: async () => ({ name: 't', id: 'k', partitions: [] }),
      offsets: async () => new Map([[0, 100]]),
    },
    read: ({ offset }: { offset: number }) => ({
      next: async () => {
        reading += 1;
        mostAtOnce = Math.max(mostAtOnce, reading);
        await Promise.resolve();
        reading -= 1;
        return {
          records: [recordAt(offset, { bytes: BYTES })],
          nextOffset: offset + 1,
          endOffset: 100,
        };
      },
      close: async () => undefined,
    }),
  } as unknown as EventLog;
  const redrives = {
    resend: async (operation: object, records: readonly LogRecord[]) => {
      stored.push(...records.map(({ offset }) => offset));
      return { ...operation };
    },
  } as unknown as RedriveStore;
  const directory = { require: async () => ({ topic: 't', tenant: null }) };
  const resend = new ResendEvents(log, directory as unknown as WebhookDirectory, redrives, {
    wake: () => undefined,
  } as unknown as WebhookDelivery);
  const execute = (offsets: readonly number[]) =>
    resend.execute(
      'uid',
      'operation',
      offsets.map((offset) => ({ partition: 0, offset })),
    );
  return { execute, stored, atOnce: () => mostAtOnce };
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

describe('sending chosen events again', () => {
  it('reads some at a time and stores all, in their order', async () => {
    const { execute, stored, atOnce } = setUp();
    await execute(upTo(32));
    expect(stored).toEqual(upTo(32));
    expect(atOnce()).toBeGreaterThan(1);
    expect(atOnce()).toBeLessThanOrEqual(16);
  });

  it('stores none of a list that is too large to be held in memory', async () => {
    const { execute, stored } = setUp();
    await expect(execute(upTo(33))).rejects.toMatchObject({
      code: 'WEBHOOKS.EVENTS_TOO_LARGE',
      details: { index: 32 },
    });
    expect(stored).toEqual([]);
  });

  it('stores none of a list in which one is not there', async () => {
    const { execute, stored } = setUp();
    await expect(execute([1, 2, 100])).rejects.toMatchObject({
      code: 'WEBHOOKS.EVENT_NOT_FOUND',
      details: { index: 2, offset: 100 },
    });
    expect(stored).toEqual([]);
  });
});
