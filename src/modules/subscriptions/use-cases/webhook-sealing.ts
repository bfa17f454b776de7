import { Injectable } from '@nestjs/common';

import { Sealer } from '../../../common/sealing/sealer.js';
import type { WebhookSettings } from '../../../kafka/contracts/webhook-settings.js';
import type { SigningSecret } from '../domain/signing-secrets.js';
import type { WebhookDefinition } from '../domain/webhook-definition.js';

/**
 * Between what is stored of a webhook, where secrets and headers are sealed for the subscription's
 * uid, and what can be read of it.
 */
@Injectable()
export class WebhookSealing {
  constructor(private readonly sealer: Sealer) {}

  /** @param secrets newest first */
  seal(
    uid: string,
    { headers, ...open }: WebhookDefinition,
    secrets: readonly SigningSecret[],
  ): WebhookSettings {
    const named = Object.keys(headers).length > 0;
    return {
      ...open,
      sealedHeaders: named ? this.sealer.seal(JSON.stringify(headers), uid) : null,
      secrets: secrets.map(({ secret, expiresAt }) => ({
        sealed: this.sealer.seal(secret, uid),
        expiresAt,
      })),
    };
  }

  /** @throws SealBroken */
  definitionOf(uid: string, settings: WebhookSettings): WebhookDefinition {
    const { sealedHeaders, secrets: _, ...open } = settings;
    const headers = sealedHeaders === null ? '{}' : this.sealer.open(sealedHeaders, uid);
    return { ...open, headers: JSON.parse(headers) as WebhookDefinition['headers'] };
  }

  /**
   * Newest first, with those that ended but were not dropped yet.
   * @throws SealBroken
   */
  secretsOf(uid: string, settings: WebhookSettings): readonly SigningSecret[] {
    return settings.secrets.map(({ sealed, expiresAt }) => ({
      secret: this.sealer.open(sealed, uid),
      expiresAt,
    }));
  }
}
