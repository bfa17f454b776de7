import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';

import type { SubscriptionKind } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import { newSecret, requireSecret } from '../domain/signing-secrets.js';
import type { Subscription } from '../domain/subscription.js';
import {
  designWebhook,
  type WebhookDefinition,
  type WebhookInput,
} from '../domain/webhook-definition.js';
import { WebhookSecretImmutable } from '../domain/webhook.errors.js';
import { WebhookDestinations } from './webhook-destinations.js';
import { WebhookSealing } from './webhook-sealing.js';

/** Makes the wished-for webhook of the present one. */
export type WebhookWish = (present: WebhookDefinition | null) => WebhookInput | null;

/** Makes and changes what is stored of a webhook: its rules, its destination and its seals. */
@Injectable()
export class WebhookDefinitions {
  constructor(
    private readonly destinations: WebhookDestinations,
    private readonly sealing: WebhookSealing,
  ) {}

  /**
   * The webhook of a new subscription; null for other kinds.
   * @throws what `designWebhook` throws, WebhookSecretInvalid, WebhookAddressForbidden
   */
  async create(
    uid: string,
    kind: SubscriptionKind,
    input: WebhookInput | null,
  ): Promise<WebhookSettings | null> {
    const definition = designWebhook(kind, input);
    if (definition === null) return null;
    const secret = input?.secret === undefined ? newSecret() : requireSecret(input.secret);
    await this.destinations.requirePermitted(definition.url);
    return this.sealing.seal(uid, definition, [{ secret, expiresAt: null }]);
  }

  /**
   * The webhook that a wish makes of a subscription's; the present one itself when nothing differs.
   * @throws what `designWebhook` throws, WebhookSecretImmutable
   */
  revise({ uid, kind, webhook }: Subscription, wish: WebhookWish): WebhookSettings | null {
    const present = webhook && this.sealing.definitionOf(uid, webhook);
    const input = wish(present);
    const definition = designWebhook(kind, input);
    if (webhook === null || definition === null) return null;
    const secrets = this.sealing.secretsOf(uid, webhook);
    if (input?.secret !== undefined && input.secret !== secrets[0]?.secret)
      throw new WebhookSecretImmutable();
    return isDeepStrictEqual(definition, present)
      ? webhook
      : this.sealing.seal(uid, definition, secrets);
  }

  /**
   * Judges where a wish leads, unless it leads where the webhook leads already.
   * @throws what `revise` throws, WebhookAddressForbidden
   */
  async requirePermitted(present: Subscription, wish: WebhookWish): Promise<void> {
    const wished = this.revise(present, wish);
    if (wished !== null && wished.url !== present.webhook?.url)
      await this.destinations.requirePermitted(wished.url);
  }
}
