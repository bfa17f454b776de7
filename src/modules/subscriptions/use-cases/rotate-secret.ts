import { Inject, Injectable } from '@nestjs/common';

import { requireSubscription } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { subscriptionUpdated } from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import {
  newSecret,
  requireSecret,
  rotateSecret,
  validSecrets,
  type SigningSecret,
} from '../domain/signing-secrets.js';
import { KindLacks } from '../domain/subscription.errors.js';
import type { Subscription } from '../domain/subscription.js';
import { requireVisible } from '../domain/visibility.js';
import { SubscriptionStore } from '../persistence/subscription.store.js';
import { SubscriptionWriter } from './subscription-writer.js';
import { WebhookSealing } from './webhook-sealing.js';

/** A day for receivers to learn of the new secret. */
const DEFAULT_PREVIOUS_SECONDS = 86_400;

/** What a caller may say of a rotation. */
export interface Rotation {
  /** Left out: made by the server. */
  readonly secret?: string;
  /** How long former secrets sign too, at most. */
  readonly previousExpiresInSeconds?: number;
}

/** Gives a webhook a new signing secret; the former ones sign beside it until they end. */
@Injectable()
export class RotateSecret {
  constructor(
    @InjectUnitOfWork('subscriptions') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly store: SubscriptionStore,
    private readonly writer: SubscriptionWriter,
    private readonly sealing: WebhookSealing,
  ) {}

  /**
   * @returns the secrets that sign from now on, newest first
   * @throws SubscriptionNotFound, KindLacks, WebhookSecretInvalid, TooManySecrets, SealBroken
   */
  async execute(
    principal: Principal,
    id: string,
    rotation: Rotation,
  ): Promise<readonly SigningSecret[]> {
    requireSubscription(principal, id);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.store.lockById(tx.manager, id);
      const present = requireVisible(id, locked, principal);
      const at = this.clock.now();
      const { changed, secrets } = this.rotate(present, rotation, at);
      if (changed !== present) await this.writer.update(tx, changed, subscriptionUpdated, at);
      return secrets;
    });
  }

  private rotate(
    present: Subscription,
    { secret, previousExpiresInSeconds = DEFAULT_PREVIOUS_SECONDS }: Rotation,
    at: Date,
  ): { readonly changed: Subscription; readonly secrets: readonly SigningSecret[] } {
    const { uid, kind, webhook } = present;
    if (webhook === null) throw new KindLacks(kind, 'secret');
    const chosen = secret === undefined ? newSecret() : requireSecret(secret);
    const former = this.sealing.secretsOf(uid, webhook);
    const secrets = rotateSecret(former, chosen, at, previousExpiresInSeconds);
    if (secrets === former) return { changed: present, secrets: validSecrets(former, at) };
    const definition = this.sealing.definitionOf(uid, webhook);
    return {
      changed: { ...present, webhook: this.sealing.seal(uid, definition, secrets) },
      secrets,
    };
  }
}
