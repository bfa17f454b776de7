import type { ApiResponseOptions } from '@nestjs/swagger';

const text = { type: 'string' as const };
const integer = { type: 'integer' as const };

const place = {
  messageId: { ...text, description: 'The same for every delivery of the event.' },
  topic: text,
  partition: integer,
  offset: integer,
  event: { type: 'object' as const, description: 'CloudEvents 1.0, JSON format.' },
};

const envelope = {
  type: 'object' as const,
  required: Object.keys(place),
  properties: place,
};

const list = { type: 'array' as const, items: envelope };

/** One event with its place. */
export const oneEvent: ApiResponseOptions = { status: 200, schema: envelope };

/** A page of events, as looking into a topic shows them. */
export const pageOfEvents: ApiResponseOptions = {
  status: 200,
  schema: {
    type: 'object',
    required: ['data', 'nextCursor'],
    properties: { data: list, nextCursor: { ...text, nullable: true } },
  },
};

const gap = {
  type: 'object' as const,
  properties: {
    partition: integer,
    fromOffset: integer,
    toOffset: integer,
    reason: { ...text, enum: ['expired', 'truncated', 'deleted'] },
    at: { ...text, format: 'date-time' },
  },
};

/** A stream in each of its forms. */
export const streamOfEvents: ApiResponseOptions = {
  status: 200,
  description: 'Events as they come. What was gone before it could be read is told as a gap.',
  content: {
    'text/event-stream': {
      schema: { ...text, description: '`id` is a cursor, `data` an event with its place.' },
    },
    'application/x-ndjson': {
      schema: { ...text, description: 'A line per event, and lines with `control`.' },
    },
    'application/json': {
      schema: {
        type: 'object',
        required: ['events', 'cursor'],
        properties: { events: list, cursor: text, gaps: { type: 'array', items: gap } },
      },
    },
  },
};

/** The cursor is committed. */
export const committed: ApiResponseOptions = {
  status: 200,
  schema: {
    type: 'object',
    required: ['committed'],
    properties: { committed: { type: 'boolean', enum: [true] } },
  },
};
