import { Logger } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { outboxBacklog, type OutboxBacklog } from '../outbox/outbox-store.js';

/** What waits in the outboxes of this process's modules, asked of Postgres when metrics are read. */
export class OutboxGauges {
  private readonly logger = new Logger(OutboxGauges.name);
  private readonly outboxes = new Map<string, DataSource>();
  private looking: Promise<ReadonlyMap<string, OutboxBacklog>> | undefined;

  constructor(registry: Registry) {
    this.gauge(
      registry,
      'millrace_outbox_rows',
      'Messages that wait for Kafka, up to 10,000.',
      'rows',
    );
    this.gauge(
      registry,
      'millrace_outbox_oldest_age_seconds',
      'Age of the oldest message that waits for Kafka; 0 when none does.',
      'oldestAgeSeconds',
    );
  }

  watch(module: string, dataSource: DataSource): void {
    this.outboxes.set(module, dataSource);
  }

  private gauge(registry: Registry, name: string, help: string, field: keyof OutboxBacklog): void {
    const gauge: Gauge<'module'> = new Gauge({
      name,
      help,
      labelNames: ['module'],
      registers: [registry],
      collect: async () => {
        gauge.reset();
        for (const [module, backlog] of await this.backlogs()) {
          gauge.set({ module }, backlog[field]);
        }
      },
    });
  }

  /** One look serves both gauges of a reading. */
  private backlogs(): Promise<ReadonlyMap<string, OutboxBacklog>> {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async look(): Promise<ReadonlyMap<string, OutboxBacklog>> {
    const found = new Map<string, OutboxBacklog>();
    const looks = [...this.outboxes].map(async ([module, { manager }]) => {
      try {
        found.set(module, await outboxBacklog(manager));
      } catch (error) {
        this.logger.debug(`The outbox of ${module} cannot be asked: ${String(error)}`);
      }
    });
    await Promise.all(looks);
    return found;
  }
}
