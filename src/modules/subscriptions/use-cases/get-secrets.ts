import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { validSecrets, type SigningSecret } from '../domain/signing-secrets.js';
import { KindLacks } from '../domain/subscription.errors.js';
import { GetSubscription } from './get-subscription.js';
import { WebhookSealing } from './webhook-sealing.js';

/** The secrets that sign a webhook's requests now, newest first. */
@Injectable()
export class GetSecrets {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly getSubscription: GetSubscription,
    private readonly sealing: WebhookSealing,
  ) {}

  /** @throws SubscriptionNotFound, KindLacks, SealBroken */
  async execute(principal: Principal, id: string): Promise<readonly SigningSecret[]> {
    const { uid, kind, webhook } = await this.getSubscription.execute(principal, id);
    if (webhook === null) throw new KindLacks(kind, 'secret');
    return validSecrets(this.sealing.secretsOf(uid, webhook), this.clock.now());
  }
}
