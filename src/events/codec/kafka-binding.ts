/** CloudEvents Kafka protocol binding 1.0.2: writes binary mode, reads binary and structured. */
import { isUtf8 } from 'node:buffer';
import { knownAttributes, type CloudEvent } from '../cloud-event.js';
import { EventBuilder } from '../event-builder.js';
import { EventData } from '../event-data.js';
import { EventError } from '../event.errors.js';
import { parseJsonEventBytes } from './json-format.js';

/** A record header of Kafka. */
export interface KafkaHeader {
  readonly name: string;
  readonly value: Buffer;
}

/** An event as it is written; fits the log's OutgoingRecord. */
export interface EventRecord {
  readonly key: Buffer | null;
  /** Null: the event has no data. */
  readonly value: Buffer | null;
  readonly headers: readonly KafkaHeader[];
  /** Bytes whose hash chooses the partition: the key, else source and id. */
  readonly partitionBy: Buffer;
}

/** A record as it is read; the log's LogRecord fits. */
export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix milliseconds; negative: none. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly KafkaHeader[];
}

const prefix = 'ce_';
const specversion: KafkaHeader = { name: 'ce_specversion', value: Buffer.from('1.0') };
const json: KafkaHeader = { name: 'content-type', value: Buffer.from('application/json') };

/** Attributes that become `ce_` headers; datacontenttype is the header content-type instead. */
const headerAttributes = knownAttributes
  .filter((name) => name !== 'specversion' && name !== 'datacontenttype')
  .map((name) => ({ name, header: prefix + name }));

const headersOf = (event: CloudEvent): KafkaHeader[] => {
  const headers = [specversion];
  for (const { name, header } of headerAttributes) {
    const value = event[name];
    if (value !== undefined) headers.push({ name: header, value: Buffer.from(value) });
  }
  for (const name of Object.keys(event.extensions))
    headers.push({ name: prefix + name, value: Buffer.from(String(event.extensions[name])) });
  const type = event.datacontenttype;
  if (type === 'application/json') headers.push(json);
  else if (type !== undefined) headers.push({ name: 'content-type', value: Buffer.from(type) });
  return headers;
};

/**
 * Writes an event in binary mode: attributes as `ce_` headers, the payload's bytes unchanged as
 * the value, `partitionkey` as the key. Events without one spread by source and id, so that a
 * repeat of an event lands beside the first.
 */
export const toRecord = (event: CloudEvent): EventRecord => {
  const key = event.partitionkey === undefined ? null : Buffer.from(event.partitionkey);
  return {
    key,
    value: event.data?.bytes ?? null,
    headers: headersOf(event),
    partitionBy: key ?? Buffer.from(`${event.source.length}:${event.source}${event.id}`),
  };
};

const textOf = (bytes: Buffer): string | undefined =>
  isUtf8(bytes) ? bytes.toString('utf8') : undefined;

const structured = (record: ReadRecord, contentType: string): CloudEvent | undefined => {
  if (!/^application\/cloudevents\+json\b/i.test(contentType) || record.value === null)
    return undefined;
  try {
    return parseJsonEventBytes(record.value);
  } catch (error) {
    if (error instanceof EventError) return undefined;
    throw error;
  }
};

const addKey = (builder: EventBuilder, key: Buffer | null): void => {
  const text = key === null ? undefined : textOf(key);
  if (text !== undefined && builder.get('partitionkey') === undefined)
    builder.offer('partitionkey', text);
};

/** What a record that no CloudEvents producer wrote lacks; its place is its identity. */
const addFallbacks = (builder: EventBuilder, record: ReadRecord): void => {
  const { topic, partition, offset, timestamp } = record;
  const foreign = builder.get('specversion') === undefined;
  builder.fallback('specversion', '1.0');
  builder.fallback('id', `${topic}-${partition}-${offset}`);
  builder.fallback('source', `/topics/${topic}`);
  builder.fallback('type', topic);
  if (foreign && timestamp > 0 && timestamp <= 8.64e15)
    builder.offer('time', new Date(timestamp).toISOString());
};

/**
 * Reads a record of any producer as an event. Never throws: an attribute that breaks the rules is
 * left out, a required one falls back (id `topic-partition-offset`, source `/topics/{topic}`, type
 * the topic; time from the record where no CloudEvents producer wrote it), data stays as it stands.
 */
export const fromRecord = (record: ReadRecord): CloudEvent => {
  const builder = new EventBuilder();
  let contentType: string | undefined;
  for (const { name, value } of record.headers) {
    const text = textOf(value);
    if (text === undefined) continue;
    if (name.startsWith(prefix)) builder.offer(name.slice(prefix.length), text);
    else if (name.toLowerCase() === 'content-type') contentType = text;
  }
  const whole = contentType === undefined ? undefined : structured(record, contentType);
  if (whole !== undefined) return whole;
  if (contentType !== undefined) builder.offer('datacontenttype', contentType);
  addKey(builder, record.key);
  addFallbacks(builder, record);
  return builder.build(
    record.value === null ? undefined : EventData.received(record.value, contentType),
  );
};
