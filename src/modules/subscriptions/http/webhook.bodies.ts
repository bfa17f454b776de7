import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import {
  webhookLimits,
  webhookOrderings,
  webhookPayloads,
  type WebhookOrdering,
  type WebhookPayload,
} from '../../../kafka/contracts/webhook-settings.js';
import { webhookDefaults } from '../domain/webhook-definition.js';

const { maxInFlight, timeoutSeconds, jitter, scheduleSeconds, scheduleEntries } = webhookLimits;

const scheduleDocs = {
  type: 'array',
  maxItems: scheduleEntries.maximum,
  items: { type: 'integer', ...scheduleSeconds },
  default: webhookDefaults.scheduleSeconds,
  description: 'Pause before each further attempt; after the last one the event is a dead letter.',
} as const;

/** When a failed attempt is repeated. The rules of a schedule are the domain's. */
export class RetryBody {
  @ApiPropertyOptional(scheduleDocs)
  @IsOptional()
  @IsArray()
  @IsNumber({}, { each: true })
  readonly scheduleSeconds?: number[] | null;

  @ApiPropertyOptional({
    type: Number,
    ...jitter,
    default: webhookDefaults.jitter,
    description: 'Share of a pause by which it is lengthened at random.',
  })
  @IsOptional()
  @IsNumber()
  @Min(jitter.minimum)
  @Max(jitter.maximum)
  readonly jitter?: number | null;
}

/** How events are sent; null: the default. */
class WebhookOptions {
  @ApiPropertyOptional({ enum: webhookOrderings, default: webhookDefaults.ordering })
  @IsOptional()
  @IsIn(webhookOrderings)
  readonly ordering?: WebhookOrdering | null;

  @ApiPropertyOptional({ type: 'integer', ...maxInFlight, default: webhookDefaults.maxInFlight })
  @IsOptional()
  @IsInt()
  @Min(maxInFlight.minimum)
  @Max(maxInFlight.maximum)
  readonly maxInFlight?: number | null;

  @ApiPropertyOptional({
    type: 'integer',
    ...timeoutSeconds,
    default: webhookDefaults.timeoutSeconds,
  })
  @IsOptional()
  @IsInt()
  @Min(timeoutSeconds.minimum)
  @Max(timeoutSeconds.maximum)
  readonly timeoutSeconds?: number | null;

  @ApiPropertyOptional({ type: RetryBody })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RetryBody)
  readonly retry?: RetryBody | null;

  @ApiPropertyOptional({ enum: webhookPayloads, default: webhookDefaults.payload })
  @IsOptional()
  @IsIn(webhookPayloads)
  readonly payload?: WebhookPayload | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    default: {},
    description: 'Extra request headers; kept encrypted.',
  })
  @IsOptional()
  @IsObject()
  readonly headers?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    example: 'whsec_…',
    description: 'Chosen at creation only, else made; afterwards it is rotated. Never shown here.',
  })
  @ValidateIf((body: WebhookOptions) => body.secret !== undefined)
  @IsString()
  readonly secret?: string;
}

/** `webhook` of a whole definition. */
export class WebhookBody extends WebhookOptions {
  @ApiProperty({ type: String, format: 'uri', example: 'https://example.com/hook' })
  @IsOptional()
  @IsString()
  readonly url?: string | null;
}

/** `webhook` of a merge patch. */
export class WebhookPatchBody extends WebhookOptions {
  @ApiPropertyOptional({ type: String, format: 'uri' })
  @IsOptional()
  @IsString()
  readonly url?: string | null;
}
