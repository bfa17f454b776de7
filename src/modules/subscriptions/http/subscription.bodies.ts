import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { IsEntityId } from '../../../common/http/entity-id.js';
import { PageQuery } from '../../../common/http/page-query.js';
import {
  subscriptionKinds,
  type FilterExpression,
} from '../../../kafka/contracts/subscriptions.contracts.js';
import { WebhookBody, WebhookPatchBody } from './webhook.bodies.js';

const MAX_NAME = 249;

const startDocs: ApiPropertyOptions = {
  oneOf: [
    { type: 'string', enum: ['earliest', 'latest'] },
    { type: 'object', properties: { time: { type: 'string', format: 'date-time' } } },
    {
      type: 'object',
      properties: { offsets: { type: 'object', additionalProperties: { type: 'integer' } } },
    },
  ],
  default: 'latest',
  description: 'Where it begins; fixed as offsets at creation, immutable.',
};

const filterDocs = {
  type: 'object',
  additionalProperties: true,
  nullable: true,
  description: 'A CloudEvents filter expression; null or left out: all events.',
  example: { prefix: { type: 'order.' } },
} as const;

/** What may be said of a subscription without saying what it is; all of it may be left out. */
class SubscriptionOptions {
  @ApiPropertyOptional(filterDocs)
  @IsOptional()
  @IsObject()
  readonly filter?: FilterExpression | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Immutable.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_NAME)
  readonly tenant?: string | null;

  @ApiPropertyOptional(startDocs)
  @Allow()
  readonly start?: unknown;
}

/** What defines a subscription as a whole. */
class SubscriptionDefinition extends SubscriptionOptions {
  @ApiProperty()
  @IsString()
  @MaxLength(MAX_NAME)
  readonly topic!: string;

  @ApiProperty({ enum: subscriptionKinds })
  @IsString()
  @MaxLength(MAX_NAME)
  readonly kind!: string;

  @ApiPropertyOptional({ type: WebhookBody, nullable: true, description: 'Of kind webhook only.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookBody)
  readonly webhook?: WebhookBody | null;
}

/** Body of PUT /v1/subscriptions/{id}. */
export class PutSubscriptionBody extends SubscriptionDefinition {
  @ApiPropertyOptional({ description: 'May repeat the id of the path.' })
  @ValidateIf((body: PutSubscriptionBody) => body.id !== undefined)
  @IsEntityId()
  readonly id?: string;
}

/** Body of POST /v1/subscriptions. */
export class CreateSubscriptionBody extends SubscriptionDefinition {
  @ApiProperty()
  @IsEntityId()
  readonly id!: string;
}

/** Body of PATCH /v1/subscriptions/{id}: a JSON Merge Patch. */
export class PatchSubscriptionBody extends SubscriptionOptions {
  @ApiPropertyOptional({ description: 'Immutable.' })
  @ValidateIf((body: PatchSubscriptionBody) => body.id !== undefined)
  @IsEntityId()
  readonly id?: string;

  @ApiPropertyOptional({ description: 'Immutable.' })
  @ValidateIf((body: PatchSubscriptionBody) => body.topic !== undefined)
  @IsString()
  @MaxLength(MAX_NAME)
  readonly topic?: string;

  @ApiPropertyOptional({ enum: subscriptionKinds, description: 'Immutable.' })
  @ValidateIf((body: PatchSubscriptionBody) => body.kind !== undefined)
  @IsString()
  @MaxLength(MAX_NAME)
  readonly kind?: string;

  @ApiPropertyOptional({ type: WebhookPatchBody, description: 'Merged into the present one.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookPatchBody)
  readonly webhook?: WebhookPatchBody | null;
}

/** Query of GET /v1/subscriptions. */
export class SubscriptionListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only subscriptions of this topic.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_NAME)
  readonly topic?: string;
}
