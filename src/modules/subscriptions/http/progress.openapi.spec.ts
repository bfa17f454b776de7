import { Ajv } from 'ajv';

import type { DeliveryGap, DeliveryProgress } from '../../../kafka/contracts/delivery-shapes.js';
import type { StreamStats, WebhookStats } from '../use-cases/ways-out/way-out.js';
import { gapsSchema, statsSchema } from './progress.openapi.js';

const ajv = new Ajv({ strict: false, validateFormats: false });
const isStats = ajv.compile(statsSchema);
const isGaps = ajv.compile(gapsSchema);

const progress: DeliveryProgress = {
  partition: 0,
  floorOffset: 40,
  endOffset: 52,
  lag: 12,
  behind: { fromOffset: 40, reason: 'breaker' },
};
const webhook: WebhookStats = {
  partitions: [progress, { ...progress, partition: 1, behind: null }],
  exceptions: { retrying: 1, parked: 0, deadLetters: 3 },
  maxExceptions: 10_000,
};
const stream: StreamStats = {
  readers: 1,
  partitions: [
    { partition: 0, committedOffset: 1, startOffset: 0, endOffset: 2, lag: 1, leased: true },
  ],
};
const gap: DeliveryGap = {
  partition: 0,
  fromOffset: 1,
  toOffset: 2,
  reason: 'expired',
  at: '2026-11-28T10:00:00.000Z',
};

/** The value once without each of its members. */
const lacking = (value: object): readonly object[] =>
  Object.keys(value).map((name) =>
    Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)),
  );

describe('the description of progress', () => {
  it('fits what is answered for either kind', () => {
    expect(isStats(webhook)).toBe(true);
    expect(isStats(stream)).toBe(true);
    expect(isGaps({ data: [gap], nextCursor: null })).toBe(true);
  });

  it('promises every member of an item', () => {
    for (const partition of lacking(progress))
      expect(isStats({ ...webhook, partitions: [partition] })).toBe(false);
    for (const behind of lacking(progress.behind!))
      expect(isStats({ ...webhook, partitions: [{ ...progress, behind }] })).toBe(false);
    for (const exceptions of lacking(webhook.exceptions))
      expect(isStats({ ...webhook, exceptions })).toBe(false);
    for (const partition of lacking(stream.partitions[0]!))
      expect(isStats({ ...stream, partitions: [partition] })).toBe(false);
    for (const item of lacking(gap)) expect(isGaps({ data: [item], nextCursor: null })).toBe(false);
  });

  it('knows the reasons for being behind, and no other', () => {
    const because = (reason: string): boolean =>
      isStats({ ...webhook, partitions: [{ ...progress, behind: { fromOffset: 1, reason } }] });
    for (const reason of ['start', 'full', 'halted', 'breaker', 'filter'])
      expect(because(reason)).toBe(true);
    expect(because('slow')).toBe(false);
  });
});
