import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Clock } from '../../../common/clock.js';
import type { OrphanedRows } from '../../../delivery/persistence/forget.js';
import type { WebhookDirectory } from '../delivery/webhook-directory.js';
import type { ExceptionSweep } from '../persistence/exception-sweep.js';
import { SweepRows } from './sweep-rows.js';

const HOUR = 3_600_000;

const rowsOf = (uid: string): OrphanedRows => ({
  uid,
  deadLetters: 3,
  otherExceptions: 2,
  lanes: 4,
  gaps: 1,
  operations: 0,
});

/** A sweep over stored rows of these subscriptions, of which the process knows some. */
class World {
  stored: string[] = ['kept', 'orphan'];
  known: string[] = ['kept'];
  nowMs = 0;
  broken = false;
  readonly warnings: string[] = [];
  private readonly sweep: SweepRows;

  constructor() {
    const rows: Pick<ExceptionSweep, keyof ExceptionSweep> = {
      sweepDone: async () => {
        if (this.broken) throw new Error('no database');
      },
      findOrphans: async (known) =>
        this.stored.filter((uid) => !known.includes(uid)).map((uid) => rowsOf(uid)),
      removeRows: async (uid) => {
        this.stored = this.stored.filter((other) => other !== uid);
      },
    };
    const directory = { values: () => this.known.map((uid) => ({ uid })).values() };
    const clock: Clock = { now: () => new Date(0), monotonicMs: () => this.nowMs };
    this.sweep = new SweepRows(
      rows as ExceptionSweep,
      directory as unknown as WebhookDirectory,
      clock,
    );
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((text) => {
      this.warnings.push(String(text));
    });
  }

  async sweepAt(nowMs: number): Promise<readonly string[]> {
    this.nowMs = nowMs;
    await this.sweep.execute();
    return this.stored;
  }
}

describe('sweeping rows', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => jest.restoreAllMocks());

  it('drops those of a subscription that was missing at every sweep for a day, and tells', async () => {
    for (let hour = 0; hour < 24; hour += 1)
      expect(await world.sweepAt(hour * HOUR)).toEqual(['kept', 'orphan']);
    expect(world.warnings).toEqual([]);
    expect(await world.sweepAt(24 * HOUR)).toEqual(['kept']);
    expect(world.warnings).toEqual([
      'Subscription orphan has been missing for a day, so its rows are dropped: ' +
        '3 dead letters, 2 other exceptions, 4 lanes, 1 gaps, 0 operations.',
    ]);
  });

  it('begins anew with a subscription that was there in between', async () => {
    await world.sweepAt(0);
    world.known = ['kept', 'orphan'];
    await world.sweepAt(12 * HOUR);
    world.known = ['kept'];
    await world.sweepAt(13 * HOUR);
    expect(await world.sweepAt(36 * HOUR)).toEqual(['kept', 'orphan']);
    expect(await world.sweepAt(37 * HOUR)).toEqual(['kept']);
  });

  it('drops nothing while no subscription is known, and begins anew afterwards', async () => {
    world.known = [];
    for (let day = 0; day < 5; day += 1)
      expect(await world.sweepAt(day * 24 * HOUR)).toEqual(['kept', 'orphan']);
    world.known = ['kept'];
    expect(await world.sweepAt(120 * HOUR)).toEqual(['kept', 'orphan']);
    expect(await world.sweepAt(144 * HOUR)).toEqual(['kept']);
  });

  it('goes on after one that failed', async () => {
    await world.sweepAt(0);
    world.broken = true;
    await world.sweepAt(HOUR);
    expect(world.warnings).toEqual([expect.stringContaining('no database')]);
    world.broken = false;
    expect(await world.sweepAt(24 * HOUR)).toEqual(['kept']);
  });
});
