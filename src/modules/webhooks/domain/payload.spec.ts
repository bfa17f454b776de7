import * as fc from 'fast-check';
import { anyEvent, essence, jsonText } from '../../../../test/support/event-arbitraries.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import { parseHttpEvents } from '../../../events/codec/http-binding.js';
import { EventData } from '../../../events/event-data.js';
import { webhookPayloads } from '../../../kafka/contracts/webhook-settings.js';
import { payloadOf } from './payload.js';

const recordedAtMs = Date.parse('2026-11-28T10:00:00.123Z');

const event = (more: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/s',
  type: 'order.placed',
  extensions: {},
  ...more,
});

const standard = (more: Partial<CloudEvent>, at = recordedAtMs) =>
  payloadOf('standard', event(more), at).body.toString('utf8');

describe('the payload of Standard Webhooks', () => {
  it('has the type, the time of the event, and its data', () => {
    const data = EventData.received(Buffer.from('{ "n":1.0 }'), 'application/json');
    const time = '2026-11-28t09:00:00.123456+01:00';
    expect(payloadOf('standard', event({ time, data }), recordedAtMs)).toEqual({
      contentType: 'application/json',
      headers: [],
      body: Buffer.from(`{"type":"order.placed","timestamp":"${time}","data":{ "n":1.0 }}`),
    });
  });

  it.each<[string, Partial<CloudEvent>, string]>([
    ['text', { data: EventData.text('a"ä') }, ',"data":"a\\"ä"'],
    [
      'bytes',
      { data: EventData.received(Buffer.from([255, 0]), 'image/png') },
      ',"data_base64":"/wA="',
    ],
    [
      'what is no JSON, though it says so',
      { data: EventData.received(Buffer.from('{'), 'application/json') },
      ',"data_base64":"ew=="',
    ],
    ['JSON null', { data: EventData.received(Buffer.from('null')) }, ',"data":null'],
    ['nothing', {}, ''],
  ])('carries %s, and the time of the record', (_, more, member) => {
    expect(standard(more)).toBe(
      `{"type":"order.placed","timestamp":"2026-11-28T10:00:00.123Z"${member}}`,
    );
  });

  it.each([-1, Number.NaN, 8.64e15 + 1])('has no time where nobody knows it (%d)', (at) => {
    expect(standard({}, at)).toBe('{"type":"order.placed"}');
  });

  it('is JSON that holds the very bytes of JSON data, whatever these are', () => {
    fc.assert(
      fc.property(jsonText, anyEvent, (text, { type }) => {
        const data = EventData.received(Buffer.from(text), 'application/json');
        const body = standard({ type, data });
        expect(JSON.parse(body)).toMatchObject({ type, data: JSON.parse(text) as unknown });
        expect(body).toContain(`,"data":${text}}`);
      }),
    );
  });
});

/** Reads a payload as a receiver of CloudEvents does. */
const receive = ({ contentType, headers, body }: ReturnType<typeof payloadOf>): CloudEvent => {
  const pairs = headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name, headers[index + 1]] as const] : [],
  );
  const { events } = parseHttpEvents({
    contentType,
    headers: Object.fromEntries(pairs),
    query: {},
    body,
    topic: 't',
  });
  return events[0]!;
};

/** Blanks around a JSON document lie outside of the `data` that a JSON event has. */
const withoutOuterBlanks = (sent: CloudEvent): CloudEvent => {
  const { data, datacontenttype } = sent;
  if (data?.kind !== 'json') return sent;
  const bytes = Buffer.from(data.bytes.toString('utf8').trim());
  return { ...sent, data: EventData.received(bytes, datacontenttype) };
};

describe('the payloads of CloudEvents', () => {
  it('are read back as the same event', () => {
    fc.assert(
      fc.property(anyEvent, (sent) => {
        const structured = payloadOf('cloudevents-structured', sent, recordedAtMs);
        expect(structured.contentType).toBe('application/cloudevents+json');
        expect(essence(receive(structured))).toEqual(essence(withoutOuterBlanks(sent)));
        const binary = payloadOf('cloudevents-binary', sent, recordedAtMs);
        expect(receive(binary)).toMatchObject({ id: sent.id, extensions: sent.extensions });
        expect(binary.body).toEqual(sent.data?.bytes ?? Buffer.alloc(0));
      }),
    );
  });

  it('leave a content type out of the headers that HTTP cannot carry whole', () => {
    const contentTypeOf = (datacontenttype: string) =>
      payloadOf('cloudevents-binary', event({ datacontenttype }), recordedAtMs).contentType;
    expect(contentTypeOf('text/plain; charset=utf-8')).toBe('text/plain; charset=utf-8');
    expect(contentTypeOf('text/plain ; name=\u20ac')).toBe('text/plain');
  });
});

describe('any payload', () => {
  it.each(webhookPayloads)(
    '%s has headers that HTTP can carry, and the same bytes twice',
    (kind) => {
      fc.assert(
        fc.property(anyEvent, (sent) => {
          const payload = payloadOf(kind, sent, recordedAtMs);
          for (const text of [payload.contentType ?? '', ...payload.headers])
            expect(text).toMatch(/^[\t\x20-\x7e]*$/);
          expect(payloadOf(kind, sent, recordedAtMs)).toEqual(payload);
        }),
      );
    },
  );
});
