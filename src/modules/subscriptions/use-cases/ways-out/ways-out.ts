import { Injectable } from '@nestjs/common';

import type { SubscriptionKind } from '../../../../kafka/contracts/subscriptions.contracts.js';
import { InjectRequestClient } from '../../../../kafka/transport/client/inject-request-client.decorator.js';
import type { RequestClient } from '../../../../kafka/transport/client/request-client.js';
import { KindLacks } from '../../domain/subscription.errors.js';
import { streamWayOut } from './stream-way-out.js';
import type { WayOut } from './way-out.js';
import { webhookWayOut } from './webhook-way-out.js';

/** Questions, and the thing that a kind lacks whose module cannot be asked. */
const things: Readonly<Record<keyof WayOut, string>> = {
  stats: 'statistics',
  gaps: 'gaps',
  listDeadLetters: 'dead letters',
  getDeadLetter: 'dead letters',
  deleteDeadLetter: 'dead letters',
  redrive: 'dead letters',
  resend: 'deliveries to send again',
  test: 'deliveries to test',
  operation: 'operations',
};

/** Knows which module answers for a kind of subscription: the only place that does. */
@Injectable()
export class WaysOut {
  private readonly byKind: Readonly<Record<SubscriptionKind, WayOut>>;

  constructor(@InjectRequestClient('subscriptions') client: RequestClient) {
    this.byKind = { stream: streamWayOut(client), webhook: webhookWayOut(client) };
  }

  /**
   * How to ask one question about subscriptions of a kind.
   * @throws KindLacks
   */
  asking<Question extends keyof WayOut>(
    kind: SubscriptionKind,
    question: Question,
  ): NonNullable<WayOut[Question]> {
    const ask: WayOut[Question] = this.byKind[kind][question];
    if (ask === undefined) throw new KindLacks(kind, things[question]);
    return ask;
  }
}
