import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import type { FilterExpression } from '../../../kafka/contracts/subscriptions.contracts.js';

/** Dead letters or events that one request may name. */
const MAX_NAMED = 1_000;
const MAX_ID = 128;
/** Kafka counts partitions with 32 bits. */
const MAX_PARTITION = 2_147_483_647;

/** Body of POST …/dead-letters/redrive; an empty one means all. */
export class RedriveBody {
  @ApiPropertyOptional({ type: [String], maxItems: MAX_NAMED, description: 'Only these.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_NAMED)
  @IsString({ each: true })
  @MaxLength(MAX_ID, { each: true })
  readonly ids?: string[] | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'Only those whose events pass this filter expression.',
  })
  @IsOptional()
  @IsObject()
  readonly filter?: FilterExpression | null;
}

/** Where an event lies in the subscription's topic. */
export class ChosenEventBody {
  @ApiProperty({ type: 'integer', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(MAX_PARTITION)
  readonly partition!: number;

  @ApiProperty({ type: 'integer', minimum: 0 })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly offset!: number;
}

/** Body of POST …/resend. */
export class ResendBody {
  @ApiProperty({ type: [ChosenEventBody], minItems: 1, maxItems: MAX_NAMED })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_NAMED)
  @ValidateNested({ each: true })
  @Type(() => ChosenEventBody)
  readonly events!: ChosenEventBody[];
}

/** Body of POST …/test. */
export class TestBody {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'A CloudEvent in JSON format; `specversion`, `id`, `source`, `type` and `time` may be left out. Without it Millrace makes one.',
  })
  @IsOptional()
  @IsObject()
  readonly event?: JsonCloudEvent | null;
}
