import { defineRequest } from './contract.js';
import type { DeliveryGap } from './delivery-shapes.js';

/** How far a stream subscription has come in one partition. */
export interface StreamPartitionStats {
  readonly partition: number;
  /** Where the committed cursor stands: the next offset to read. */
  readonly committedOffset: number;
  readonly startOffset: number;
  readonly endOffset: number;
  /** Events of the topic (matching or not) from the cursor to the end. */
  readonly lag: number;
  /** Whether a reader holds the partition's lease now. */
  readonly leased: boolean;
}

const request = {
  type: 'object',
  required: ['subscriptionUid'],
  additionalProperties: false,
  properties: { subscriptionUid: { type: 'string' } },
} as const;

/** Progress of a stream subscription; answers GET /v1/subscriptions/{id}/stats. */
export const getStreamStats = defineRequest<
  { readonly subscriptionUid: string },
  { readonly readers: number; readonly partitions: readonly StreamPartitionStats[] }
>({
  name: 'streams.stats.get.v1',
  owner: 'streams',
  access: 'internal',
  description: 'How far a stream subscription has come, per partition.',
  schema: request,
  replySchema: {
    type: 'object',
    required: ['readers', 'partitions'],
    properties: { readers: { type: 'integer' }, partitions: { type: 'array' } },
  },
});

/** Recorded gaps of a stream subscription; answers GET /v1/subscriptions/{id}/gaps. */
export const listStreamGaps = defineRequest<
  { readonly subscriptionUid: string; readonly limit: number; readonly after: string | null },
  { readonly gaps: readonly DeliveryGap[]; readonly next: string | null }
>({
  name: 'streams.gaps.list.v1',
  owner: 'streams',
  access: 'internal',
  description: 'Events that were gone before a stream subscription read them.',
  schema: {
    ...request,
    required: ['subscriptionUid', 'limit', 'after'],
    properties: {
      ...request.properties,
      limit: { type: 'integer', minimum: 1 },
      after: { type: ['string', 'null'] },
    },
  },
  replySchema: {
    type: 'object',
    required: ['gaps', 'next'],
    properties: { gaps: { type: 'array' }, next: { type: ['string', 'null'] } },
  },
});

/** Commits a cursor: POST /v1/streams/{id}/commit as a command. */
export const commitCursor = defineRequest<
  { readonly subscription: string; readonly cursor: string },
  { readonly committed: true }
>({
  name: 'streams.cursor.commit.v1',
  owner: 'streams',
  access: 'public',
  description: 'Commits a stream cursor; refused when a lease in it was taken over.',
  schema: {
    type: 'object',
    required: ['subscription', 'cursor'],
    additionalProperties: false,
    properties: { subscription: { type: 'string' }, cursor: { type: 'string' } },
  },
  replySchema: {
    type: 'object',
    required: ['committed'],
    properties: { committed: { const: true } },
  },
});
