import { defineRequest } from './contract.js';

/** An event in CloudEvents' JSON format. */
export type JsonCloudEvent = Readonly<Record<string, unknown>>;

/** Where one event was stored. */
export interface PublishedEvent {
  readonly id: string;
  readonly messageId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Publishes events: POST /v1/topics/{topic}/events as a command. */
export const publishEvents = defineRequest<
  { readonly topic: string; readonly events: readonly JsonCloudEvent[] },
  { readonly events: readonly PublishedEvent[] }
>({
  name: 'ingest.events.publish.v1',
  owner: 'ingest',
  access: 'public',
  description: 'Validates events and stores them in a topic; replies once Kafka has acknowledged.',
  schema: {
    type: 'object',
    required: ['topic', 'events'],
    additionalProperties: false,
    properties: {
      topic: { type: 'string' },
      events: { type: 'array', minItems: 1, items: { type: 'object' } },
    },
  },
  replySchema: {
    type: 'object',
    required: ['events'],
    properties: { events: { type: 'array', items: { type: 'object' } } },
  },
});
