/** What tests of sending share: an event, a target at a receiver, and a sender that may reach it. */
import { randomBytes } from 'node:crypto';
import { AddressGuard } from '../../../../src/common/net/address-guard.js';
import type { CloudEvent } from '../../../../src/events/cloud-event.js';
import { EventData } from '../../../../src/events/event-data.js';
import { parseSecret } from '../../../../src/modules/webhooks/domain/signature.js';
import { WebhookSender } from '../../../../src/modules/webhooks/sending/webhook-sender.js';
import {
  prepareTarget,
  type WebhookTarget,
  type WebhookTargetSettings,
} from '../../../../src/modules/webhooks/sending/webhook-target.js';
import { Receiver } from '../../../support/receiver.js';

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export const secret = newSecret();
const key = parseSecret(secret);

export const recordedAtMs = Date.parse('2026-11-28T10:00:00Z');

export const event: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/orders',
  type: 'order.placed',
  datacontenttype: 'application/json',
  extensions: { region: 'eu' },
  data: EventData.received(Buffer.from('{"n":9007199254740993, "x":1.0}'), 'application/json'),
};

/** A target with a time-out of a second, unless told otherwise. */
export const targetAt = (
  url: string,
  settings: Partial<WebhookTargetSettings> = {},
): WebhookTarget =>
  prepareTarget({
    url,
    payload: 'standard',
    headers: {},
    secrets: [key],
    timeoutSeconds: 1,
    ...settings,
  });

/** A receiver and a sender that may reach it. */
export class SendingWorld {
  private constructor(
    readonly receiver: Receiver,
    readonly sender: WebhookSender,
  ) {}

  static async start(): Promise<SendingWorld> {
    const receiver = await Receiver.listen();
    return new SendingWorld(receiver, new WebhookSender(new AddressGuard(['127.0.0.0/8'])));
  }

  /** One attempt with the event above. */
  send(settings: Partial<WebhookTargetSettings> = {}, signal?: AbortSignal) {
    const target = targetAt(`${this.receiver.url}/hook`, settings);
    return this.sender.send({ target, messageId: 'msg_1', event, recordedAtMs }, signal);
  }

  async stop(): Promise<void> {
    await this.sender.close();
    await this.receiver.close();
  }
}
