const integer = { type: 'integer' as const };

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

const webhookStats = {
  type: 'object' as const,
  description: 'Of kind webhook.',
  required: ['partitions', 'exceptions', 'maxExceptions'],
  properties: {
    partitions: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        properties: {
          partition: integer,
          floorOffset: {
            ...integer,
            description: 'Everything before it is delivered, or kept as an exception.',
          },
          endOffset: integer,
          lag: { ...integer, description: 'Events of the topic from the floor to the end.' },
          behind: {
            type: 'object' as const,
            nullable: true,
            description: 'Set: it reads apart from the others until it has caught up.',
            properties: { fromOffset: integer, reason: { type: 'string' as const } },
          },
        },
      },
    },
    exceptions: {
      type: 'object' as const,
      properties: {
        retrying: { ...integer, description: 'Wait for their next attempt.' },
        parked: { ...integer, description: 'Wait behind an event of the same key.' },
        deadLetters: integer,
      },
    },
    maxExceptions: { ...integer, description: 'So many are kept; then events stay in the log.' },
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
        properties: {
          partition: integer,
          fromOffset: integer,
          toOffset: integer,
          reason: { type: 'string' as const, enum: ['expired', 'truncated', 'deleted'] },
          at: { type: 'string' as const, format: 'date-time' },
        },
      },
    },
    nextCursor: { type: 'string' as const, nullable: true },
  },
};
