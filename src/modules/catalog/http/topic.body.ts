import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

import {
  topicInputLimits as limits,
  type TopicInput,
} from '../../../kafka/contracts/catalog.contracts.js';

/** Body of PUT /v1/topics/{topic}. A field left out keeps its value or gets its default. */
export class TopicBody implements TopicInput {
  @ApiPropertyOptional({ ...limits.partitions, default: 4, description: 'Can only grow.' })
  @IsOptional()
  @IsInt()
  @Min(limits.partitions.minimum)
  @Max(limits.partitions.maximum)
  readonly partitions?: number;

  @ApiPropertyOptional({
    ...limits.replicationFactor,
    description: "Fixed when the topic is made. Default: the broker's.",
  })
  @IsOptional()
  @IsInt()
  @Min(limits.replicationFactor.minimum)
  @Max(limits.replicationFactor.maximum)
  readonly replicationFactor?: number;

  @ApiPropertyOptional({
    ...limits.retentionSeconds,
    description: "How long events are kept; -1: for ever. Default: the broker's.",
  })
  @IsOptional()
  @IsInt()
  @Min(limits.retentionSeconds.minimum)
  @Max(limits.retentionSeconds.maximum)
  readonly retentionSeconds?: number;

  @ApiPropertyOptional({
    ...limits.retentionBytes,
    description: 'How much of a partition is kept; -1: without a bound.',
  })
  @IsOptional()
  @IsInt()
  @Min(limits.retentionBytes.minimum)
  @Max(limits.retentionBytes.maximum)
  readonly retentionBytes?: number;

  @ApiPropertyOptional({
    default: false,
    description: 'Events that do not fit the schema of their type are refused.',
  })
  @IsOptional()
  @IsBoolean()
  readonly enforceSchemas?: boolean;

  @ApiPropertyOptional({
    ...limits.maxEventBytes,
    default: 1_000_000,
    description: 'Bound of key, headers and data of one event together.',
  })
  @IsOptional()
  @IsInt()
  @Min(limits.maxEventBytes.minimum)
  @Max(limits.maxEventBytes.maximum)
  readonly maxEventBytes?: number;

  @ApiPropertyOptional({
    default: false,
    description: 'Allows more partitions, which end the order by key across that point.',
  })
  @IsOptional()
  @IsBoolean()
  readonly allowReorder?: boolean;
}

/** Query of DELETE /v1/topics/{topic}. */
export class DeleteTopicQuery {
  @ApiPropertyOptional({ enum: ['delete'], description: "Deletes a managed topic's events." })
  @IsOptional()
  @IsIn(['delete'])
  readonly data?: 'delete';
}
