import { ApiProperty } from '@nestjs/swagger';

import {
  webhookOrderings,
  webhookPayloads,
  type WebhookOrdering,
  type WebhookPayload,
} from '../../../kafka/contracts/webhook-settings.js';

/** When a webhook's failed attempts are repeated. */
class RetryView {
  @ApiProperty({ type: [Number] })
  readonly scheduleSeconds!: readonly number[];

  @ApiProperty()
  readonly jitter!: number;
}

/** A webhook's definition as REST shows it: all but its secret. */
export class WebhookView {
  @ApiProperty()
  readonly url!: string;

  @ApiProperty({ enum: webhookOrderings })
  readonly ordering!: WebhookOrdering;

  @ApiProperty({ type: 'integer' })
  readonly maxInFlight!: number;

  @ApiProperty({ type: 'integer' })
  readonly timeoutSeconds!: number;

  @ApiProperty()
  readonly retry!: RetryView;

  @ApiProperty({ enum: webhookPayloads })
  readonly payload!: WebhookPayload;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly headers!: Readonly<Record<string, string>>;
}
