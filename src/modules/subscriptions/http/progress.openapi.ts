const integer = { type: 'integer' as const };

/** How far a subscription has come, per partition. */
export const statsSchema = {
  type: 'object' as const,
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
