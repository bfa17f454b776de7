import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { MetricsRegistry } from '../../../common/metrics/metrics-registry.js';
import { OutboxGauges } from './outbox-gauges.js';

/** What became of one try of an event. */
export type EventOutcome = 'handled' | 'failed' | 'dead-lettered';

/** How a request ended for who sent it. */
export type RequestOutcome = 'answered' | 'refused' | 'timed-out' | 'not-sent';

/** The transport's metrics. Labels are modules and contracts, whose number the code fixes. */
@Injectable()
export class TransportMetrics {
  readonly outboxes: OutboxGauges;
  private readonly events: Counter<'module' | 'contract' | 'outcome'>;
  private readonly requests: Histogram<'module' | 'contract' | 'outcome'>;

  constructor(registry: MetricsRegistry) {
    this.outboxes = new OutboxGauges(registry);
    this.events = new Counter({
      name: 'millrace_module_events_total',
      help: 'Tries of events between modules, by the handling module and what became of them.',
      labelNames: ['module', 'contract', 'outcome'],
      registers: [registry],
    });
    this.requests = new Histogram({
      name: 'millrace_module_request_duration_seconds',
      help: 'Time from a request between modules to its reply, as the asking module sees it.',
      labelNames: ['module', 'contract', 'outcome'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2.5, 10],
      registers: [registry],
    });
  }

  countEvent(module: string, contract: string, outcome: EventOutcome): void {
    this.events.inc({ module, contract, outcome });
  }

  timeRequest(module: string, contract: string, outcome: RequestOutcome, seconds: number): void {
    this.requests.observe({ module, contract, outcome }, seconds);
  }
}
