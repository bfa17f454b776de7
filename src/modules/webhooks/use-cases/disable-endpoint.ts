import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { webhookEndpointDisabled } from '../../../kafka/contracts/webhooks.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';

/** Tells that an endpoint is gone; whoever owns the subscription disables it. */
@Injectable()
export class DisableEndpoint {
  constructor(
    @InjectUnitOfWork('webhooks') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DatabaseUnavailable */
  async execute(subscriptionUid: string): Promise<void> {
    const at = this.clock.now().toISOString();
    await this.unitOfWork.runWithoutWaiting(async (tx) => {
      const gone = { subscriptionUid, reason: 'gone', at } as const;
      tx.publishEvent(webhookEndpointDisabled, subscriptionUid, gone);
    });
  }
}
