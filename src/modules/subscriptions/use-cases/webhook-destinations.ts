import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';

import { AddressGuard } from '../../../common/net/address-guard.js';
import { hostOf } from '../domain/webhook-url.js';
import { WebhookAddressForbidden } from '../domain/webhook.errors.js';

/** How long a definition waits for a name to resolve. */
const RESOLVED_WITHIN_MS = 3_000;

/**
 * Tells whoever defines a webhook at once that its address is one that webhooks may not reach. The
 * same guard judges again at each connection, for the address that is connected to.
 */
@Injectable()
export class WebhookDestinations {
  constructor(private readonly guard: AddressGuard) {}

  /**
   * Passes a name that does not resolve now, as it may later.
   * @throws WebhookAddressForbidden when the host is a forbidden address, or a name that resolves
   *   to such addresses only
   */
  async requirePermitted(url: string): Promise<void> {
    const host = hostOf(url);
    const verdict = this.guard.judgeHost(host);
    const forbidden =
      verdict === 'forbidden' || (verdict === 'name' && (await this.leadsNowherePermitted(host)));
    if (forbidden) throw new WebhookAddressForbidden(host);
  }

  private async leadsNowherePermitted(name: string): Promise<boolean> {
    const timer = new AbortController();
    const tooLong = pause(RESOLVED_WITHIN_MS, [], { signal: timer.signal, ref: false });
    const resolved = this.guard.resolve(name).catch(() => []);
    const addresses = await Promise.race([resolved, tooLong]);
    timer.abort();
    return addresses.length > 0 && !addresses.some(({ permitted }) => permitted);
  }
}
