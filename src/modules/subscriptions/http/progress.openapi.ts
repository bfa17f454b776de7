import type { BehindReason, GapReason } from '../../../kafka/contracts/delivery-shapes.js';

const integer = { type: 'integer' as const };

/** Complete by their types: one that is missing or unknown does not compile. */
const behindReasons: Readonly<Record<BehindReason, true>> = {
  start: true,
  full: true,
  halted: true,
  breaker: true,
  filter: true,
};
const gapReasons: Readonly<Record<GapReason, true>> = {
  expired: true,
  truncated: true,
  deleted: true,
};

const reasonOf = (reasons: Readonly<Record<string, true>>) => ({
  type: 'string' as const,
  enum: Object.keys(reasons),
});

const streamStats = {
  type: 'object' as const,
  description: 'Of kind stream.',
  required: ['readers', 'partitions'],
  properties: {
    readers: { ...integer, description: 'Connections that read it now.' },
    partitions: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['partition', 'committedOffset', 'startOffset', 'endOffset', 'lag', 'leased'],
        properties: {
          partition: integer,
          committedOffset: { ...integer, description: 'The next offset to read.' },
          startOffset: integer,
          endOffset: integer,
          lag: { ...integer, description: 'Events of the topic from the cursor to the end.' },
          leased: { type: 'boolean' as const, description: 'Whether a reader holds it now.' },
        },
      },
    },
  },
};

const behind = {
  type: 'object' as const,
  nullable: true,
  description: 'Set: it reads apart from the others until it has caught up.',
  required: ['fromOffset', 'reason'],
  properties: {
    fromOffset: integer,
    reason: { ...reasonOf(behindReasons), description: 'What set it behind.' },
  },
};

const webhookStats = {
  type: 'object' as const,
  description: 'Of kind webhook.',
  required: ['partitions', 'exceptions', 'maxExceptions'],
  properties: {
    partitions: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['partition', 'floorOffset', 'endOffset', 'lag', 'behind'],
        properties: {
          partition: integer,
          floorOffset: {
            ...integer,
            description: 'Everything before it is delivered, or kept as an exception.',
          },
          endOffset: integer,
          lag: { ...integer, description: 'Events of the topic from the floor to the end.' },
          behind,
        },
      },
    },
    exceptions: {
      type: 'object' as const,
      required: ['retrying', 'parked', 'deadLetters'],
      properties: {
        retrying: {
          ...integer,
          description:
            'Wait for their next attempt, are under way for more than a second, or are sent again.',
        },
        parked: { ...integer, description: 'Wait behind an event of the same key.' },
        deadLetters: integer,
      },
    },
    maxExceptions: {
      ...integer,
      description: 'So many are kept by each process that delivers; then events stay in the log.',
    },
  },
};

/** How far a subscription has come, per partition. */
export const statsSchema = { oneOf: [streamStats, webhookStats] };

/** Events that were gone before the subscription read them. */
export const gapsSchema = {
  type: 'object' as const,
  required: ['data', 'nextCursor'],
  properties: {
    data: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['partition', 'fromOffset', 'toOffset', 'reason', 'at'],
        properties: {
          partition: integer,
          fromOffset: integer,
          toOffset: integer,
          reason: reasonOf(gapReasons),
          at: { type: 'string' as const, format: 'date-time' },
        },
      },
    },
    nextCursor: { type: 'string' as const, nullable: true },
  },
};
