import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { MetricsRegistry } from '../../../common/metrics/metrics-registry.js';
import { showGauge } from '../../../common/metrics/show-gauge.js';
import type { DeliveryEngine } from '../../../delivery/engine/delivery-engine.js';
import type { AttemptOutcome, DeliveryListener } from '../../../delivery/engine/ports.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { DisableEndpoint } from '../use-cases/disable-endpoint.js';

/** Tells operators what is delivered, and the subscriptions' owner which endpoints are gone. */
@Injectable()
export class DeliveryReports implements DeliveryListener {
  private readonly attempts: Counter<'outcome'>;
  private readonly deadLetters: Counter;
  private readonly byOutcome = new Map<string, Counter.Internal>();

  constructor(
    private readonly registry: MetricsRegistry,
    private readonly disableEndpoint: DisableEndpoint,
  ) {
    this.attempts = new Counter({
      name: 'millrace_webhook_attempts_total',
      help: 'Attempts to deliver an event to a webhook, by what came of them.',
      labelNames: ['outcome'],
      registers: [registry],
    });
    this.deadLetters = new Counter({
      name: 'millrace_webhook_dead_letters_total',
      help: 'Events that became dead letters of a webhook.',
      registers: [registry],
    });
  }

  /** Shows what the engine holds. */
  watch(engine: DeliveryEngine): void {
    showGauge(
      this.registry,
      'millrace_webhook_in_flight',
      'Attempts to deliver an event to a webhook that are under way.',
      () => engine.inFlight,
    );
    showGauge(
      this.registry,
      'millrace_webhook_partitions',
      'Partitions whose events this process delivers to webhooks.',
      () => engine.owned.partitions,
    );
    showGauge(
      this.registry,
      'millrace_webhook_pending_events',
      'Events read for webhooks that the stored floors have not passed.',
      () => engine.owned.pending,
    );
  }

  attempted(_: SubscriptionState, outcome: AttemptOutcome['outcome']): void {
    let counter = this.byOutcome.get(outcome);
    if (counter === undefined)
      this.byOutcome.set(outcome, (counter = this.attempts.labels(outcome)));
    counter.inc();
  }

  deadLettered(): void {
    this.deadLetters.inc();
  }

  gone({ uid }: SubscriptionState): Promise<void> {
    return this.disableEndpoint.execute(uid);
  }
}
