import { ApiProperty } from '@nestjs/swagger';

import type { Topic } from '../domain/topic.js';

/** A topic as REST shows it. */
export class TopicView {
  @ApiProperty({ format: 'uuid' })
  readonly uid!: string;

  @ApiProperty({ example: 'orders', description: 'The same name in Kafka.' })
  readonly name!: string;

  @ApiProperty({ enum: ['active', 'missing'], description: '`missing`: it was deleted in Kafka.' })
  readonly status!: 'active' | 'missing';

  @ApiProperty({ description: 'False: adopted; nothing of it is changed in Kafka.' })
  readonly managed!: boolean;

  @ApiProperty({ description: "Kafka's id of this incarnation." })
  readonly kafkaTopicId!: string;

  @ApiProperty()
  readonly partitions!: number;

  @ApiProperty({ type: Number })
  readonly replicationFactor!: number | null;

  @ApiProperty({ type: Number, description: '-1: for ever.' })
  readonly retentionSeconds!: number | null;

  @ApiProperty({ type: Number, description: 'Per partition; -1: without a bound.' })
  readonly retentionBytes!: number | null;

  @ApiProperty()
  readonly enforceSchemas!: boolean;

  @ApiProperty()
  readonly maxEventBytes!: number;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

/** A page of topics. */
export class TopicPageView {
  @ApiProperty({ type: [TopicView] })
  readonly data!: readonly TopicView[];

  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** Shows a topic. */
export const topicView = (topic: Topic): TopicView => ({
  uid: topic.uid,
  name: topic.name,
  status: topic.missing ? 'missing' : 'active',
  managed: topic.managed,
  kafkaTopicId: topic.kafkaTopicId ?? '',
  partitions: topic.partitions,
  replicationFactor: topic.replicationFactor,
  retentionSeconds: topic.retentionSeconds,
  retentionBytes: topic.retentionBytes,
  enforceSchemas: topic.enforceSchemas,
  maxEventBytes: topic.maxEventBytes,
  createdAt: topic.createdAt.toISOString(),
});
