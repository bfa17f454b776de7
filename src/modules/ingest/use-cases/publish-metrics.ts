import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';

import { MetricsRegistry } from '../../../common/metrics/metrics-registry.js';

/** Counts events over REST and Kafka; how long requests take is counted with the HTTP routes. */
@Injectable()
export class PublishMetrics {
  private readonly events = new Counter({
    name: 'millrace_ingest_events_total',
    help: 'Events that were stored, or that Kafka did not acknowledge or refused.',
    labelNames: ['outcome'],
    registers: [],
  });
  private readonly stored = this.events.labels('stored');
  private readonly failed = this.events.labels('failed');

  constructor(registry: MetricsRegistry) {
    registry.registerMetric(this.events);
  }

  /** Notes the outcome of one call to the log. */
  count(events: number, failed: number): void {
    if (events > failed) this.stored.inc(events - failed);
    if (failed > 0) this.failed.inc(failed);
  }
}
