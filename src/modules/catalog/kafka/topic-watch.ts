import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';

import { ReconcileTopics } from '../use-cases/reconcile-topics.js';

/** How long a change that others made in Kafka may stay unknown, where nobody reads the topic. */
const INTERVAL_MS = 30_000;

/** Reconciles the catalog with Kafka at the start, and now and then. */
@Injectable()
export class TopicWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Catalog');
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(private readonly reconcileTopics: ReconcileTopics) {}

  onApplicationBootstrap(): void {
    this.begin();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private begin(): void {
    this.round = this.reconcile().finally(() => this.planNext());
  }

  private planNext(): void {
    if (!this.stopped) this.timer = setTimeout(() => this.begin(), INTERVAL_MS).unref();
  }

  private async reconcile(): Promise<void> {
    try {
      await this.reconcileTopics.execute(() => !this.stopped);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.logger.warn(`The catalog could not be compared with Kafka: ${why}`);
    }
  }
}
