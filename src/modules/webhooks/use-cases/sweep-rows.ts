import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { OrphanedRows } from '../../../delivery/persistence/forget.js';
import { WebhookDirectory } from '../delivery/webhook-directory.js';
import { OrphanWatch } from '../domain/orphan-watch.js';
import { ExceptionSweep } from '../persistence/exception-sweep.js';

const EVERY_MS = 600_000;

/** Removes, now and then, rows that nobody needs any more. */
@Injectable()
export class SweepRows implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('WebhookDelivery');
  private readonly orphans = new OrphanWatch();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rows: ExceptionSweep,
    private readonly directory: WebhookDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.execute(), EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Never rejects: the next time may succeed. */
  async execute(): Promise<void> {
    try {
      await this.rows.sweepDone();
      await this.dropOrphans();
    } catch (error) {
      this.logger.warn(`Rows cannot be cleared away: ${String(error)}`);
    }
  }

  /**
   * What this process does not know may exist all the same: a state topic that was lost says
   * nothing of any subscription, and one that is being written again not yet of all.
   */
  private async dropOrphans(): Promise<void> {
    const known = [...this.directory.values()].map(({ uid }) => uid);
    const found = known.length === 0 ? [] : await this.rows.findOrphans(known);
    const missing = found.map(({ uid }) => uid);
    const dropped = this.orphans.look(missing, this.clock.monotonicMs());
    for (const rows of found) if (dropped.has(rows.uid)) await this.drop(rows);
  }

  private async drop(rows: OrphanedRows): Promise<void> {
    const { uid, deadLetters, otherExceptions, lanes, gaps, operations } = rows;
    this.logger.warn(
      `Subscription ${uid} has been missing for a day, so its rows are dropped: ` +
        `${deadLetters} dead letters, ${otherExceptions} other exceptions, ${lanes} lanes, ` +
        `${gaps} gaps, ${operations} operations.`,
    );
    await this.rows.removeRows(uid);
  }
}
