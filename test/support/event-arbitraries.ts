/** fast-check arbitraries of events; for the specs of src/events and of what carries events. */
import * as fc from 'fast-check';
import { isAttributeName } from '../../src/events/attribute-rules.js';
import { isKnownAttribute, type CloudEvent } from '../../src/events/cloud-event.js';
import { EventData } from '../../src/events/event-data.js';
import { isPlainText } from '../../src/events/attribute-values.js';

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter(isPlainText);
const source = fc.constantFrom(
  '/a',
  'urn:x:1',
  'https://example.com/%20?q=1#f',
  '../up',
  '/topics/t',
);
const time = fc.constantFrom(
  '2026-11-23T00:00:00Z',
  '2026-11-23t23:59:60.123456789+05:30',
  '0001-02-28T00:00:00.0Z',
);
const name = fc
  .string({ minLength: 1, maxLength: 25, unit: fc.constantFrom(...'abcdefxyz0123456789') })
  .filter((candidate) => isAttributeName(candidate) && !isKnownAttribute(candidate));

/** JSON text with everything that parsing and writing again would change. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  fc.json(),
  fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
  fc.constantFrom(
    '{"n":9007199254740993,"b":1,"a":1.0}',
    ' { "x" : [ 1e400 , -0 ] , "x" : "\\u00e9\\"]}" } ',
    '"\\\\"',
    '[[],[{}],"]"]',
    'null',
    '0',
  ),
);

const data = fc.oneof(
  jsonText.map((json) => ({
    datacontenttype: 'application/json',
    data: EventData.received(Buffer.from(json), 'application/json'),
  })),
  fc
    .string({ unit: 'grapheme' })
    .map((value) => ({ datacontenttype: 'text/plain', data: EventData.text(value) })),
  fc.uint8Array().map((bytes) => ({
    datacontenttype: 'application/octet-stream',
    data: EventData.received(Buffer.from(bytes), 'application/octet-stream'),
  })),
  fc.constant({ datacontenttype: undefined, data: undefined }),
);

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** Any valid event whose extensions are strings, which every binding carries as they are. */
export const anyEvent: fc.Arbitrary<CloudEvent> = fc
  .tuple(
    fc.record({
      specversion: fc.constant('1.0' as const),
      id: text,
      source,
      type: text,
      subject: optional(text),
      time: optional(time),
      dataschema: optional(fc.constantFrom('https://example.com/s', 'urn:s')),
      partitionkey: optional(text),
      tenant: optional(text),
      extensions: fc.dictionary(name, text, { maxKeys: 4, noNullPrototype: true }),
    }),
    data,
  )
  .map(([attributes, payload]) => ({ ...attributes, ...payload }));

/** Everything that must survive a round trip, in a form that compares. */
export const essence = (event: CloudEvent): unknown => ({
  ...event,
  data: event.data && { kind: event.data.kind, hex: event.data.bytes.toString('hex') },
});
