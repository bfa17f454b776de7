import * as fc from 'fast-check';
import { anyEvent, essence } from '../../../test/support/event-arbitraries.js';
import { parseHttpEvents, toHttpBinary, type HttpEventRequest } from './http-binding.js';

const at = new Date('2026-11-23T10:00:00.000Z');
const request = (more: Partial<HttpEventRequest>): HttpEventRequest => ({
  contentType: 'application/json',
  headers: {},
  query: {},
  body: Buffer.from('{"a":1}'),
  topic: 'orders',
  receivedAt: at,
  ...more,
});
const attributes = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const binary = {
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/s',
  'ce-type': 't',
};
const structured = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('HTTP binding', () => {
  it('gives back every event that has a body, sent in binary mode', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { headers, body } = toHttpBinary(event);
        const contentType = headers['content-type'];
        const [read] = parseHttpEvents(request({ contentType, headers, body })).events;
        const sent = event.data?.bytes.length === 0 ? { ...event, data: undefined } : event;
        expect(essence(read!)).toEqual(essence(sent));
      }),
    );
  });

  it('reads structured mode, parameters and upper case of the content type included', () => {
    const contentType = 'Application/CloudEvents+JSON; charset=UTF-8';
    const body = structured({ ...attributes, data: { a: 1 } });
    const { events, batch } = parseHttpEvents(request({ contentType, body }));
    expect(batch).toBe(false);
    expect(events[0]).toMatchObject(attributes);
  });

  it('prefers batch to structured, and structured to binary', () => {
    const contentType = 'application/cloudevents-batch+json';
    const body = structured([attributes, { ...attributes, id: '2' }]);
    const { events, batch } = parseHttpEvents(request({ contentType, headers: binary, body }));
    expect(batch).toBe(true);
    expect(events.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('reads plain JSON with its attributes from the query', () => {
    const query = { type: 'order.made', key: 'k', id: '9', source: '/shop', subject: 's' };
    const [event] = parseHttpEvents(request({ query })).events;
    expect(event).toMatchObject({
      type: 'order.made',
      partitionkey: 'k',
      id: '9',
      source: '/shop',
      subject: 's',
      datacontenttype: 'application/json',
      time: at.toISOString(),
    });
    expect(event?.data?.bytes.toString()).toBe('{"a":1}');
  });

  it('gives plain JSON a type, a source and an id of its own', () => {
    const [event] = parseHttpEvents(request({})).events;
    expect(event).toMatchObject({ type: 'orders', source: '/topics/orders' });
    expect(event?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes a plain JSON array for one event', () => {
    const { events } = parseHttpEvents(request({ body: Buffer.from('[1,2]') }));
    expect(events.map((event) => event.data?.value)).toEqual([[1, 2]]);
  });

  it('decodes header values: percent, quotes, UTF-8 as latin1', () => {
    const headers = {
      ...binary,
      'ce-subject': 'Euro%20%E2%82%ac%20+',
      'ce-one': '"say \\"hi\\""',
      'ce-two': Buffer.from('zwölf').toString('latin1'),
    };
    const [event] = parseHttpEvents(request({ headers })).events;
    expect(event).toMatchObject({
      subject: 'Euro € +',
      extensions: { one: 'say "hi"', two: 'zwölf' },
    });
  });

  it.each<[string, Partial<HttpEventRequest>]>([
    ['EVENTS.INVALID_UTF8', { headers: { ...binary, 'ce-subject': '%ff' } }],
    ['EVENTS.ATTRIBUTE_INVALID', { headers: { ...binary, 'ce-subject': '50%' } }],
    ['EVENTS.ATTRIBUTE_INVALID', { headers: { ...binary, 'ce-subject': '%00' } }],
    ['EVENTS.ATTRIBUTE_INVALID', { headers: { ...binary, 'ce-time': 'noon' } }],
    ['EVENTS.ATTRIBUTE_INVALID', { headers: { ...binary, 'ce-datacontenttype': 'text/plain' } }],
    ['EVENTS.ATTRIBUTE_NAME_INVALID', { headers: { ...binary, 'ce-my-name': 'x' } }],
    ['EVENTS.ATTRIBUTE_MISSING', { headers: { 'ce-specversion': '1.0' } }],
    ['EVENTS.SPECVERSION_UNSUPPORTED', { headers: { ...binary, 'ce-specversion': '2.0' } }],
    ['EVENTS.MALFORMED_JSON', { headers: binary, body: Buffer.from('{') }],
    ['EVENTS.MALFORMED_JSON', { body: Buffer.alloc(0) }],
    ['EVENTS.INVALID_UTF8', { body: Buffer.from([0x22, 0xc3, 0x22]) }],
    ['EVENTS.PARAMETER_UNKNOWN', { query: { tpye: 'x' } }],
    ['EVENTS.PARAMETER_UNKNOWN', { headers: binary, query: { type: 'x' } }],
    ['EVENTS.ATTRIBUTE_INVALID', { query: { type: ['a', 'b'] } }],
    ['EVENTS.CONTENT_TYPE_UNSUPPORTED', { contentType: undefined }],
    ['EVENTS.CONTENT_TYPE_UNSUPPORTED', { contentType: 'text/plain' }],
    ['EVENTS.CONTENT_TYPE_UNSUPPORTED', { contentType: 'application/cloudevents+avro' }],
    ['EVENTS.CONTENT_TYPE_UNSUPPORTED', { contentType: 'application/json; charset=latin1' }],
    [
      'EVENTS.BATCH_EMPTY',
      { contentType: 'application/cloudevents-batch+json', body: structured([]) },
    ],
    [
      'EVENTS.NOT_AN_EVENT',
      { contentType: 'application/cloudevents-batch+json', body: structured(attributes) },
    ],
  ])('refuses with %s: %j', (code, more) => {
    expect(() => parseHttpEvents(request(more))).toThrow(expect.objectContaining({ code }));
  });
});
