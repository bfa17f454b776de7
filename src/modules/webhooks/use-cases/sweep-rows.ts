import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { WebhookDirectory } from '../delivery/webhook-directory.js';
import { ExceptionSweep } from '../persistence/exception-sweep.js';

const EVERY_MS = 600_000;

/** Removes, now and then, rows that nobody needs any more. */
@Injectable()
export class SweepRows implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('WebhookDelivery');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly rows: ExceptionSweep,
    private readonly directory: WebhookDirectory,
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
      await this.rows.sweep([...this.directory.values()].map(({ uid }) => uid));
    } catch (error) {
      this.logger.warn(`Rows cannot be cleared away: ${String(error)}`);
    }
  }
}
