/** CloudEvents HTTP protocol binding 1.0.2, receiving side, and Millrace's plain JSON. */
import { knownAttributes, type CloudEvent } from '../cloud-event.js';
import { charsetOf, contentClassOf, mediaTypeOf } from '../content-type.js';
import { EventBuilder } from '../event-builder.js';
import { EventData } from '../event-data.js';
import { AttributeInvalid, ContentTypeUnsupported, ParameterUnknown } from '../event.errors.js';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.js';
import { parseJsonBytes } from './json-body.js';
import { parseJsonBatchBytes, parseJsonEventBytes } from './json-format.js';
import { readPlainJson, type Query } from './plain-json.js';

/** A publish request as the HTTP server hands it over. */
export interface HttpEventRequest {
  readonly contentType: string | undefined;
  /** Names in lower case; values as Node gives them (latin1). */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Query;
  readonly body: Buffer;
  /** Where it was sent to; gives plain JSON its defaults. */
  readonly topic: string;
  readonly receivedAt?: Date;
  /** Names events that come without an id; a random UUID when not given. */
  readonly newId?: () => string;
}

/** What a request sends. A batch is answered by a list, even of one. */
export interface ReceivedEvents {
  readonly events: CloudEvent[];
  readonly batch: boolean;
}

const structuredPrefix = 'application/cloudevents';
const batchPrefix = 'application/cloudevents-batch';

const refuseQuery = (query: Query): void => {
  for (const parameter of Object.keys(query))
    throw new ParameterUnknown(
      `Query parameter "${parameter}" goes with plain JSON only; a CloudEvent names its attributes itself.`,
      { parameter },
    );
};

const requireFormat = (contentType: string, prefix: string): void => {
  if (mediaTypeOf(contentType) !== `${prefix}+json`)
    throw new ContentTypeUnsupported(`CloudEvents are read as ${prefix}+json only.`, {
      contentType,
    });
};

const requireUtf8 = (contentType: string): void => {
  const charset = charsetOf(contentType);
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii')
    throw new ContentTypeUnsupported('JSON must be sent in UTF-8.', { contentType });
};

const binaryData = (body: Buffer, contentType: string | undefined): EventData | undefined => {
  if (body.length === 0) return undefined;
  if (contentClassOf(contentType) !== 'json') return EventData.received(body, contentType);
  return EventData.parsedJson(body, parseJsonBytes(body, 'The data'));
};

const readBinary = (request: HttpEventRequest): CloudEvent => {
  const builder = new EventBuilder();
  for (const header of Object.keys(request.headers)) {
    if (!header.startsWith('ce-')) continue;
    const value = request.headers[header];
    if (header === 'ce-datacontenttype')
      throw new AttributeInvalid('datacontenttype is sent as the header Content-Type.', {
        attribute: 'datacontenttype',
      });
    if (typeof value === 'string')
      builder.set(header.slice('ce-'.length), decodeHeaderValue(header, value));
  }
  if (request.contentType) builder.set('datacontenttype', request.contentType);
  return builder.build(binaryData(request.body, request.contentType));
};

/**
 * Reads the events of a publish request. The mode is chosen as the binding says: by the prefix of
 * the content type, batch before structured, then binary where `ce-specversion` is there; else
 * the body is a plain JSON document.
 * @throws EventError
 */
export const parseHttpEvents = (request: HttpEventRequest): ReceivedEvents => {
  const { contentType = '', headers, query, body } = request;
  const mediaType = mediaTypeOf(contentType);
  if (mediaType.startsWith(structuredPrefix)) {
    refuseQuery(query);
    requireUtf8(contentType);
    const batch = mediaType.startsWith(batchPrefix);
    requireFormat(contentType, batch ? batchPrefix : structuredPrefix);
    return { events: batch ? parseJsonBatchBytes(body) : [parseJsonEventBytes(body)], batch };
  }
  if (headers['ce-specversion'] !== undefined) {
    refuseQuery(query);
    return { events: [readBinary(request)], batch: false };
  }
  if (contentClassOf(contentType) !== 'json')
    throw new ContentTypeUnsupported(
      'Send application/json, application/cloudevents+json, application/cloudevents-batch+json, or the headers of a binary CloudEvent (ce-specversion and others).',
      { contentType: request.contentType ?? null },
    );
  requireUtf8(contentType);
  const receivedAt = request.receivedAt ?? new Date();
  const { topic, newId } = request;
  return { events: [readPlainJson(body, query, { topic, receivedAt, newId })], batch: false };
};

/** An event as HTTP carries it in binary mode. */
export interface BinaryMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Writes an event in binary mode: attributes as `ce-` headers, the payload's bytes unchanged. */
export const toHttpBinary = (event: CloudEvent): BinaryMessage => {
  const headers: Record<string, string> = {};
  for (const name of knownAttributes) {
    const value = event[name];
    if (value === undefined) continue;
    if (name === 'datacontenttype') headers['content-type'] = value;
    else headers[`ce-${name}`] = encodeHeaderValue(value);
  }
  for (const name of Object.keys(event.extensions))
    headers[`ce-${name}`] = encodeHeaderValue(String(event.extensions[name]));
  return { headers, body: event.data?.bytes ?? Buffer.alloc(0) };
};
