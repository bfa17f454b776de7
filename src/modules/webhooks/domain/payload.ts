import { toHttpBinary } from '../../../events/codec/http-binding.js';
import { toJsonText } from '../../../events/codec/json-text.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import type { WebhookPayload } from '../../../kafka/contracts/webhook-settings.js';

/** A webhook's body and what describes it. */
export interface Payload {
  /** Undefined: the event's data has no content type, and none is guessed. */
  readonly contentType?: string;
  /** Further headers, name and value in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const none: readonly string[] = [];

const splice = (head: string, data: Buffer, tail: string): Buffer => {
  const start = Buffer.byteLength(head);
  const body = Buffer.allocUnsafe(start + data.length + tail.length);
  body.write(head, 0, 'utf8');
  data.copy(body, start);
  body.write(tail, start + data.length, 'latin1');
  return body;
};

const lastDate = 8.64e15;

/** When the event happened, else when it was stored; undefined where nobody knows. */
const timeOf = (event: CloudEvent, recordedAtMs: number): string | undefined => {
  if (event.time !== undefined) return event.time;
  const known = recordedAtMs >= 0 && recordedAtMs <= lastDate;
  return known ? new Date(recordedAtMs).toISOString() : undefined;
};

/**
 * The body that Standard Webhooks proposes: `type`, `timestamp`, and `data` byte for byte as it
 * was published; text becomes a JSON string, other bytes `data_base64`. No data: neither.
 */
const standard = (event: CloudEvent, recordedAtMs: number): Payload => {
  const { type, data } = event;
  const about = JSON.stringify({ type, timestamp: timeOf(event, recordedAtMs) }).slice(0, -1);
  const json = (body: Buffer): Payload => ({
    contentType: 'application/json',
    headers: none,
    body,
  });
  switch (data?.judgeKind()) {
    case undefined:
      return json(Buffer.from(`${about}}`));
    case 'json':
      return json(splice(`${about},"data":`, data!.bytes, '}'));
    case 'text':
      return json(Buffer.from(`${about},"data":${JSON.stringify(data!.value)}}`));
    case 'bytes':
      return json(Buffer.from(`${about},"data_base64":"${data!.bytes.toString('base64')}"}`));
  }
};

/** A media type as a header can carry it: parameters in other letters than ASCII are left out. */
const asHeader = (mediaType: string): string =>
  /^[\t\x20-\x7e]*$/.test(mediaType) ? mediaType : (mediaType.split(';', 1)[0] ?? '').trimEnd();

/** CloudEvents HTTP binding, binary mode: attributes as headers, the data as the body. */
const binary = (event: CloudEvent): Payload => {
  const message = toHttpBinary(event);
  const headers: string[] = [];
  let contentType: string | undefined;
  for (const name of Object.keys(message.headers)) {
    const value = message.headers[name] ?? '';
    if (name === 'content-type') contentType = asHeader(value);
    else headers.push(name, value);
  }
  return { contentType, headers, body: message.body };
};

/** CloudEvents HTTP binding, structured mode: the event in JSON format. */
const structured = (event: CloudEvent): Payload => ({
  contentType: 'application/cloudevents+json',
  headers: none,
  body: Buffer.from(toJsonText(event)),
});

/**
 * What is sent of an event: the same bytes at every attempt.
 * @param recordedAtMs when Kafka took the record, unix milliseconds; negative: not known
 */
export const payloadOf = (
  kind: WebhookPayload,
  event: CloudEvent,
  recordedAtMs: number,
): Payload => {
  switch (kind) {
    case 'standard':
      return standard(event, recordedAtMs);
    case 'cloudevents-binary':
      return binary(event);
    case 'cloudevents-structured':
      return structured(event);
  }
};
