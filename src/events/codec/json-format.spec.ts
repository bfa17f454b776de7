import * as fc from 'fast-check';
import { EventData } from '../event-data.js';
import type { EventError } from '../event.errors.js';
import { anyEvent, essence, jsonText } from '../../../test/support/event-arbitraries.js';
import { parseJsonBatchBytes, parseJsonEvent, parseJsonEventBytes } from './json-format.js';
import { toJsonEvent, toJsonText } from './json-text.js';

const base = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as EventError).code;
  }
  return 'none';
};

describe('JSON format', () => {
  it('gives back every event as it was written, its payload byte by byte', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const read = parseJsonEventBytes(Buffer.from(toJsonText(event)));
        const bytes = read.data?.bytes.toString('utf8');
        if (event.data?.kind === 'json')
          expect(bytes).toBe(event.data.bytes.toString('utf8').trim());
        else expect(essence(read)).toEqual(essence(event));
      }),
    );
  });

  it('gives back an equal event through an object', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(toJsonEvent(parseJsonEvent(toJsonEvent(event)))).toEqual(toJsonEvent(event));
      }),
    );
  });

  it('slices the payload out of its envelope, wherever it stands', () => {
    const member = fc.tuple(fc.constantFrom('aa', 'bb', 'cc', 'dd'), fc.string());
    fc.assert(
      fc.property(jsonText, fc.array(member), fc.array(member), (data, before, after) => {
        const strings = (members: readonly (readonly [string, string])[]): string[] =>
          members
            .map(([name, value]) => [name, value.replace(/[^ -~]/g, '')] as const)
            .map(([name, value]) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`);
        const envelope = Object.entries(base).map(
          ([name, value]) => `"${name}":${JSON.stringify(value)}`,
        );
        const members = [...strings(before), `"data" :\n ${data} `, ...envelope, ...strings(after)];
        const event = parseJsonEventBytes(Buffer.from(` {${members.join(' ,')}} `));
        expect(event.data?.bytes.toString('utf8')).toBe(data.trim());
      }),
    );
  });

  it('takes the last of repeated data members, however the name is written', () => {
    const text = JSON.stringify(base).replace(/}$/, ',"data":1,"d\\u0061ta":2.0}');
    const event = parseJsonEventBytes(Buffer.from(text));
    expect(event.data?.bytes.toString()).toBe('2.0');
    expect(event.data?.value).toBe(2);
  });

  it('reads a batch, each payload its own bytes', () => {
    const body = `[ ${['1.0', '{"a":9007199254740993}', '"]"']
      .map((data) => JSON.stringify(base).replace(/}$/, `,"data":${data}}`))
      .join(' , ')} ]`;
    const payloads = parseJsonBatchBytes(Buffer.from(body)).map((event) => event.data?.bytes);
    expect(payloads.map(String)).toEqual(['1.0', '{"a":9007199254740993}', '"]"']);
  });

  it('says which event of a batch is at fault', () => {
    const batch = [base, { ...base, id: '' }];
    expect(() => parseJsonBatchBytes(Buffer.from(JSON.stringify(batch)))).toThrow(
      expect.objectContaining({
        code: 'EVENTS.ATTRIBUTE_INVALID',
        details: { attribute: 'id', index: 1 },
      }),
    );
  });

  it('makes JSON the content type of data that has none', () => {
    expect(parseJsonEvent({ ...base, data: { a: 1 } }).datacontenttype).toBe('application/json');
    expect(parseJsonEvent(base).datacontenttype).toBeUndefined();
  });

  it('reads text and base64 as what they are', () => {
    const text = parseJsonEvent({ ...base, datacontenttype: 'text/xml', data: '<a/>' });
    expect(text.data?.bytes.toString()).toBe('<a/>');
    const bytes = parseJsonEvent({ ...base, data_base64: '/w==' });
    expect(bytes.data?.value).toEqual(Buffer.from([0xff]));
    expect(toJsonEvent(bytes)).toEqual({ ...base, data_base64: '/w==' });
  });

  it('takes null for an attribute that is not set, and for JSON data', () => {
    const event = parseJsonEvent({ ...base, subject: null, data: null });
    expect(event.subject).toBeUndefined();
    expect(event.data?.bytes.toString()).toBe('null');
  });

  it.each<[string, unknown]>([
    ['EVENTS.NOT_AN_EVENT', [base]],
    ['EVENTS.NOT_AN_EVENT', 7],
    ['EVENTS.ATTRIBUTE_MISSING', { ...base, type: undefined }],
    ['EVENTS.ATTRIBUTE_MISSING', { ...base, type: null }],
    ['EVENTS.ATTRIBUTE_INVALID', { ...base, id: 7 }],
    ['EVENTS.ATTRIBUTE_INVALID', { ...base, type: 'a\u0007b' }],
    ['EVENTS.ATTRIBUTE_INVALID', { ...base, ext: 1.5 }],
    ['EVENTS.ATTRIBUTE_INVALID', { ...base, ext: { a: 1 } }],
    ['EVENTS.ATTRIBUTE_NAME_INVALID', { ...base, 'my-ext': 'x' }],
    ['EVENTS.ATTRIBUTE_NAME_INVALID', JSON.parse('{"__proto__":"x"}')],
    ['EVENTS.SPECVERSION_UNSUPPORTED', { ...base, specversion: '0.3' }],
    ['EVENTS.DATA_INVALID', { ...base, data: 1, data_base64: 'AA==' }],
    ['EVENTS.DATA_INVALID', { ...base, data_base64: 'not base64!' }],
    ['EVENTS.DATA_INVALID', { ...base, datacontenttype: 'text/plain', data: { a: 1 } }],
  ])('refuses with %s: %j', (code, value) => {
    const json = JSON.parse(JSON.stringify(value)) as unknown;
    expect(codeOf(() => parseJsonEvent(json))).toBe(code);
  });

  it.each<[string, Buffer]>([
    ['EVENTS.MALFORMED_JSON', Buffer.from('{"id":')],
    ['EVENTS.MALFORMED_JSON', Buffer.from('')],
    ['EVENTS.MALFORMED_JSON', Buffer.from('\uFEFF{}')],
    ['EVENTS.INVALID_UTF8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses a body with %s', (code, body) => {
    expect(codeOf(() => parseJsonEventBytes(body))).toBe(code);
  });

  it('writes one line where asked, and changes no value by it', () => {
    const data = EventData.received(Buffer.from('{\r\n "a": "x\\ny"\n}'), 'application/json');
    const event = { ...parseJsonEvent(base), data };
    const line = toJsonText(event, { singleLine: true });
    expect(line).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line)).toEqual({ ...base, data: { a: 'x\ny' } });
    expect(toJsonText(event)).toContain('{\r\n "a": "x\\ny"\n}');
  });
});
