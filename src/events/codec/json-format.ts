/** CloudEvents JSON event format 1.0.2: structured mode and batches. */
import type { CloudEvent } from '../cloud-event.js';
import { contentClassOf } from '../content-type.js';
import { EventBuilder } from '../event-builder.js';
import { EventData } from '../event-data.js';
import { BatchEmpty, DataInvalid, EventError, NotAnEvent } from '../event.errors.js';
import { parseJsonBytes } from './json-body.js';
import { elementStarts, memberRange } from './json-scan.js';

type JsonObject = Readonly<Record<string, unknown>>;
/** Gives the bytes of the event's `data` as they were sent, where there are any. */
type DataBytes = () => Buffer | undefined;

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const decodeBase64 = (text: unknown, contentType: string | undefined): EventData => {
  if (typeof text !== 'string' || !base64.test(text))
    throw new DataInvalid('"data_base64" must be a string in base64 (RFC 4648).');
  return EventData.received(Buffer.from(text, 'base64'), contentType ?? 'application/octet-stream');
};

const jsonData = (value: unknown, bytes: Buffer | undefined): EventData =>
  bytes === undefined ? EventData.json(value) : EventData.parsedJson(bytes, value);

const readData = (
  json: JsonObject,
  event: EventBuilder,
  bytes: DataBytes,
): EventData | undefined => {
  const contentType = event.get('datacontenttype');
  // A null `data_base64` is taken for unset, as for attributes; a null `data` is JSON's null.
  if (Object.hasOwn(json, 'data_base64') && json['data_base64'] !== null) {
    if (Object.hasOwn(json, 'data'))
      throw new DataInvalid('"data" and "data_base64" exclude each other.');
    return decodeBase64(json['data_base64'], contentType);
  }
  if (!Object.hasOwn(json, 'data')) return undefined;
  const value = json['data'];
  // JSON data without a content type is application/json; other bindings must say so.
  event.fallback('datacontenttype', 'application/json');
  if (contentType === undefined || contentClassOf(contentType) === 'json')
    return jsonData(value, bytes());
  if (typeof value === 'string') return EventData.text(value);
  throw new DataInvalid(
    `"data" of type ${contentType} must be a string; bytes go to "data_base64".`,
  );
};

const readEvent = (json: unknown, bytes: DataBytes): CloudEvent => {
  if (!isObject(json)) throw new NotAnEvent('An event in JSON format must be a JSON object.');
  const event = new EventBuilder();
  for (const name of Object.keys(json)) {
    if (name === 'data' || name === 'data_base64') continue;
    const value = json[name];
    if (value !== null) event.set(name, value);
  }
  return event.build(readData(json, event, bytes));
};

const slice = (body: Buffer, from: number): DataBytes => {
  return () => {
    const range = memberRange(body, 'data', from);
    return range && body.subarray(range.start, range.end);
  };
};

/**
 * Reads an event that is a parsed JSON object. Its data's bytes are made anew; where the text is
 * at hand, `parseJsonEventBytes` keeps them.
 * @throws EventError
 */
export const parseJsonEvent = (value: unknown): CloudEvent => readEvent(value, () => undefined);

/**
 * Reads a structured-mode body. The payload stays the bytes that were sent: numbers beyond 2^53,
 * key order and spaces included.
 * @throws EventError
 */
export const parseJsonEventBytes = (body: Buffer): CloudEvent =>
  readEvent(parseJsonBytes(body, 'The body'), slice(body, 0));

/**
 * Reads a batch (`application/cloudevents-batch+json`).
 * @throws EventError whose details name the `index` of the event it is about
 */
export const parseJsonBatchBytes = (body: Buffer): CloudEvent[] => {
  const items = parseJsonBytes(body, 'The body');
  if (!Array.isArray(items)) throw new NotAnEvent('A batch must be a JSON array of events.');
  if (items.length === 0) throw new BatchEmpty('A batch needs at least one event.');
  const starts = elementStarts(body);
  return items.map((item: unknown, index) => {
    try {
      return readEvent(item, slice(body, starts[index] ?? 0));
    } catch (error) {
      throw error instanceof EventError ? error.inBatch(index) : error;
    }
  });
};
