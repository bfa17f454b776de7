import { problemSchema } from '../../../common/openapi/problem-schema.js';
import type { OpenApiOperation } from '../../../common/openapi/openapi-registry.js';

const stored = {
  type: 'object',
  required: ['id', 'messageId', 'topic', 'partition', 'offset'],
  properties: {
    id: { type: 'string', description: "The event's CloudEvents id." },
    messageId: {
      type: 'string',
      description: 'Carried by every delivery; the same for a repeat of (source, id).',
    },
    topic: { type: 'string' },
    partition: { type: 'integer' },
    offset: { type: 'integer' },
  },
};

const query = (name: string, description: string) => ({
  name,
  in: 'query' as const,
  required: false,
  description: `Plain JSON only: ${description}`,
  schema: { type: 'string' as const },
});

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

const document = { schema: { type: 'object' as const } };

/** OpenAPI of the publish route, which is no Nest controller. */
export const publishOperation = {
  tags: ['ingest'],
  operationId: 'publishEvents',
  summary: 'Publish one event or a batch',
  description: [
    'Answers once Kafka has acknowledged every event. CloudEvents 1.0 structured, binary (ce-',
    'headers) or batch, or plain JSON: then the body is the data. An event without a time gets the',
    'time of receipt. A batch is checked as a whole before any of it is stored; if storing fails',
    'for some, 503 tells of each. 503 means perhaps stored: send again with the same ids.',
  ].join(' '),
  security: [{ key: [] }],
  parameters: [
    { name: 'topic', in: 'path', required: true, schema: { type: 'string' } },
    query('type', 'the event type; default: the topic'),
    query('key', 'events with the same key stay in order'),
    query('id', 'unique per source; default: a new UUID'),
    query('source', 'default: /topics/{topic}'),
    query('subject', 'what the event is about'),
  ],
  requestBody: {
    required: false,
    content: {
      'application/cloudevents+json': document,
      'application/cloudevents-batch+json': { schema: { type: 'array', items: document.schema } },
      'application/json': { schema: {} },
      '*/*': { schema: { type: 'string', format: 'binary' } },
    },
  },
  responses: {
    202: {
      description: 'Stored. A batch is answered by a list in the order sent.',
      content: {
        'application/json': {
          schema: {
            oneOf: [
              stored,
              {
                type: 'object',
                required: ['events'],
                properties: { events: { type: 'array', items: stored } },
              },
            ],
          },
        },
      },
    },
    400: problem('The event or the request breaks a rule.'),
    401: problem('No valid key.'),
    403: problem('The key may not publish here, or the event names another tenant.'),
    404: problem('There is no such topic.'),
    413: problem('An event, the batch or the body is too large.'),
    415: problem('No way of sending has this content type.'),
    429: problem('More waits to be stored than fits in memory: see Retry-After.'),
    503: problem('Kafka did not acknowledge; perhaps stored. See Retry-After.'),
  },
} as OpenApiOperation;
