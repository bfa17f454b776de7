/** Millrace's own way of sending: any JSON document is an event, its attributes in the query. */
import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../cloud-event.js';
import { EventBuilder } from '../event-builder.js';
import { EventData } from '../event-data.js';
import { ParameterUnknown } from '../event.errors.js';
import { parseJsonBytes } from './json-body.js';

/** Query parameters as the HTTP server parsed them; an array where one was given repeatedly. */
export type Query = Readonly<Record<string, unknown>>;

const attributeOfParameter = new Map([
  ['type', 'type'],
  ['key', 'partitionkey'],
  ['id', 'id'],
  ['source', 'source'],
  ['subject', 'subject'],
]);

const unknown = (parameter: string): ParameterUnknown =>
  new ParameterUnknown(
    `Unknown query parameter "${parameter}": plain JSON takes type, key, id, source and subject.`,
    { parameter },
  );

/** Where and when a plain document was received; what the query does not say comes from here. */
export interface Receipt {
  readonly topic: string;
  readonly receivedAt: Date;
  /** Names events that come without an id; a random UUID when not given. */
  readonly newId?: () => string;
}

/**
 * Reads a JSON document as an event. Type defaults to the topic, source to `/topics/{topic}`, id
 * to a new UUID, time to the time of receipt.
 * @throws EventError
 */
export const readPlainJson = (body: Buffer, query: Query, receipt: Receipt): CloudEvent => {
  const builder = new EventBuilder();
  for (const parameter of Object.keys(query)) {
    const attribute = attributeOfParameter.get(parameter);
    if (attribute === undefined) throw unknown(parameter);
    builder.set(attribute, query[parameter]);
  }
  builder.fallback('specversion', '1.0');
  if (builder.get('id') === undefined) builder.fallback('id', (receipt.newId ?? randomUUID)());
  builder.fallback('source', `/topics/${receipt.topic}`);
  builder.fallback('type', receipt.topic);
  builder.fallback('time', receipt.receivedAt.toISOString());
  builder.fallback('datacontenttype', 'application/json');
  return builder.build(EventData.parsedJson(body, parseJsonBytes(body, 'The body')));
};
