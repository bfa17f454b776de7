import * as fc from 'fast-check';
import { SERVED_APIS } from '../apis/index.js';
import { encodingOf } from '../apis/api.js';
import type { Encoding, Field, Fields } from './field.js';
import { MalformedRequest } from './malformed-request.js';
import { Reader } from './reader.js';
import { readStruct, writeStruct } from './struct.js';
import { Writer } from './writer.js';

/** Any value that a field can have in a version; absent fields have their fallback. */
function anyValue(field: Field<unknown, boolean>, encoding: Encoding): fc.Arbitrary<unknown> {
  if (!field.isInline(encoding) && !(field.isTagged(encoding) && encoding.flexible)) {
    return fc.constant(field.fallback);
  }
  const value = anyOfType(field.type.name, field.type.fields, encoding);
  return field.isNullable(encoding) ? fc.option(value, { nil: null, freq: 4 }) : value;
}

function anyOfType(
  name: string,
  fields: Fields | undefined,
  encoding: Encoding,
): fc.Arbitrary<unknown> {
  if (name.startsWith('[]')) {
    return fc.array(anyOfType(name.slice(2), fields, encoding), { maxLength: 3 });
  }
  switch (name) {
    case 'struct':
      return anyStruct(fields!, encoding);
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 20 });
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'uuid':
      return fc.stringMatching(/^[0-9a-f]{32}$/);
    case 'bytes':
      return fc.uint8Array({ maxLength: 6000 }).map((bytes) => Buffer.from(bytes));
    case 'records':
      return fc.uint8Array({ maxLength: 9000 }).map((bytes) => [Buffer.from(bytes)]);
    default:
      throw new Error(`no values for ${name}`);
  }
}

function anyStruct(fields: Fields, encoding: Encoding): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, anyValue(field, encoding)]),
    ),
  );
}

function encode(fields: Fields, value: Record<string, unknown>, encoding: Encoding): Buffer {
  const writer = new Writer();
  writeStruct(fields, writer, value, encoding);
  const bytes = Buffer.concat(writer.finish());
  return bytes;
}

const messages = SERVED_APIS.flatMap((api) => [
  { name: `${api.name} request`, fields: api.request, api },
  { name: `${api.name} response`, fields: api.response, api },
]);

describe('the grammar of every message', () => {
  it.each(messages)('reads back what it wrote, in every version: $name', ({ fields, api }) => {
    for (let version = api.versions.from; version <= api.versions.to; version++) {
      const encoding = encodingOf(api.flexibleFrom, version);
      fc.assert(
        fc.property(anyStruct(fields, encoding), (value) => {
          const reader = new Reader(encode(fields, value, encoding));
          expect(readStruct(fields, reader, encoding)).toEqual(value);
          expect(reader.remaining).toBe(0);
        }),
        { numRuns: 15 },
      );
    }
  });

  it('refuses any cut or random bytes by MalformedRequest and nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.uint8Array({ maxLength: 200 }), (m, bytes) => {
        const encoding = encodingOf(m.api.flexibleFrom, m.api.versions.to);
        try {
          readStruct(m.fields, new Reader(Buffer.from(bytes)), encoding);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRequest);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('primitives', () => {
  it('writes unsigned varints as the protocol guide does', () => {
    const writer = new Writer();
    for (const value of [0, 127, 128, 300, 0xffffffff]) writer.unsignedVarint(value);
    expect(Buffer.concat(writer.finish()).toString('hex')).toBe('007f8001ac02ffffffff0f');
  });

  it('writes negative 64 bit numbers in two’s complement', () => {
    const writer = new Writer();
    writer.int64(-1);
    writer.int64(-2);
    expect(Buffer.concat(writer.finish()).toString('hex')).toBe('fffffffffffffffffffffffffffffffe');
  });

  it('passes tagged fields that it does not know', () => {
    const [api] = SERVED_APIS.filter(({ name }) => name === 'Heartbeat');
    const encoding = encodingOf(api!.flexibleFrom, 4);
    const value = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
    const bytes = encode(api!.request, value, encoding);
    const tagged = Buffer.concat([bytes.subarray(0, -1), Buffer.from([1, 99, 2, 7, 7])]);
    expect(readStruct(api!.request, new Reader(tagged), encoding)).toEqual(value);
  });

  it('does not believe an announced array that is longer than the request', () => {
    const [api] = SERVED_APIS.filter(({ name }) => name === 'Metadata');
    const encoding = encodingOf(api!.flexibleFrom, 1);
    const huge = Buffer.from('7fffffff00', 'hex');
    expect(() => readStruct(api!.request, new Reader(huge), encoding)).toThrow(MalformedRequest);
  });
});
