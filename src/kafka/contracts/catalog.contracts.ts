import { defineEvent, defineRequest, defineState } from './contract.js';

/** A topic of the catalog. */
export interface TopicState {
  readonly uid: string;
  /** Same name in Kafka. */
  readonly name: string;
  /** Kafka's id of this incarnation. */
  readonly kafkaTopicId: string;
  readonly partitions: number;
  /** False: adopted; Millrace changes nothing of it in Kafka. */
  readonly managed: boolean;
  /** True: an event whose type has no schema, or that does not fit it, is refused. */
  readonly enforceSchemas: boolean;
  /** Bound of key, headers and data of one event together. */
  readonly maxEventBytes: number;
  readonly createdAt: string;
}

/** How a new version must relate to the one before it. */
export const compatibilityModes = ['NONE', 'BACKWARD', 'FORWARD', 'FULL'] as const;
export type CompatibilityMode = (typeof compatibilityModes)[number];

/** The newest schema of one (topic, event type); type `*` stands for every type without its own. */
export interface SchemaState {
  readonly uid: string;
  readonly topicUid: string;
  readonly topic: string;
  readonly type: string;
  readonly version: number;
  readonly compatibility: CompatibilityMode;
  readonly schema: Readonly<Record<string, unknown>> | boolean;
}

const string = { type: 'string' } as const;

/** Registered topics. */
export const topicsState = defineState<TopicState>({
  name: 'catalog.topics.v1',
  owner: 'catalog',
  description: 'Registered topics by uid.',
  schema: {
    type: 'object',
    required: [
      'uid',
      'name',
      'kafkaTopicId',
      'partitions',
      'managed',
      'enforceSchemas',
      'maxEventBytes',
      'createdAt',
    ],
    properties: {
      uid: string,
      name: string,
      kafkaTopicId: string,
      partitions: { type: 'integer', minimum: 1 },
      managed: { type: 'boolean' },
      enforceSchemas: { type: 'boolean' },
      maxEventBytes: { type: 'integer', minimum: 1 },
      createdAt: string,
    },
  },
});

/** Newest schema per (topic, type). */
export const schemasState = defineState<SchemaState>({
  name: 'catalog.schemas.v1',
  owner: 'catalog',
  description: 'The newest JSON Schema of each (topic, event type), by uid.',
  schema: {
    type: 'object',
    required: ['uid', 'topicUid', 'topic', 'type', 'version', 'compatibility', 'schema'],
    properties: {
      uid: string,
      topicUid: string,
      topic: string,
      type: string,
      version: { type: 'integer', minimum: 1 },
      compatibility: { enum: [...compatibilityModes] },
      schema: { type: ['object', 'boolean'] },
    },
  },
});

/** A topic left the catalog; its data is gone too when it was managed. */
export const topicDeleted = defineEvent<{
  readonly uid: string;
  readonly name: string;
  readonly dataDeleted: boolean;
}>({
  name: 'catalog.topic.deleted.v1',
  owner: 'catalog',
  description: 'A topic was removed from the catalog.',
  schema: {
    type: 'object',
    required: ['uid', 'name', 'dataDeleted'],
    properties: { uid: string, name: string, dataDeleted: { type: 'boolean' } },
  },
});

/** What PUT /v1/topics/{topic} takes; a field left out keeps its value or gets the default. */
export interface TopicInput {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly retentionSeconds?: number;
  readonly retentionBytes?: number;
  readonly enforceSchemas?: boolean;
  readonly maxEventBytes?: number;
  /** More partitions end the order by key across that point; must be asked for. */
  readonly allowReorder?: boolean;
}

/** Bounds of TopicInput, the same over REST and Kafka. Retention of -1 is for ever. */
export const topicInputLimits = {
  partitions: { minimum: 1, maximum: 4096 },
  replicationFactor: { minimum: 1, maximum: 32 },
  retentionSeconds: { minimum: -1, maximum: 3_153_600_000 },
  retentionBytes: { minimum: -1, maximum: Number.MAX_SAFE_INTEGER },
  maxEventBytes: { minimum: 1024, maximum: 67_108_864 },
} as const;

const integer = (limits: { readonly minimum: number; readonly maximum: number }) => ({
  type: 'integer',
  ...limits,
});

const topicInput = {
  type: 'object',
  additionalProperties: false,
  properties: {
    partitions: integer(topicInputLimits.partitions),
    replicationFactor: integer(topicInputLimits.replicationFactor),
    retentionSeconds: integer(topicInputLimits.retentionSeconds),
    retentionBytes: integer(topicInputLimits.retentionBytes),
    enforceSchemas: { type: 'boolean' },
    maxEventBytes: integer(topicInputLimits.maxEventBytes),
    allowReorder: { type: 'boolean' },
  },
} as const;

/** Creates, adopts or changes a topic: PUT /v1/topics/{topic} as a command. */
export const putTopic = defineRequest<
  { readonly name: string; readonly topic: TopicInput },
  TopicState
>({
  name: 'catalog.topic.put.v1',
  owner: 'catalog',
  access: 'public',
  description: 'Creates, adopts or changes a topic.',
  schema: {
    type: 'object',
    required: ['name', 'topic'],
    additionalProperties: false,
    properties: { name: string, topic: topicInput },
  },
  replySchema: { type: 'object' },
});
