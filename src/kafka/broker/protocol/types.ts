import { Field, type Encoding, type Fields, type StructValue, type WireType } from './field.js';
import { MalformedRequest } from './malformed-request.js';
import type { Reader } from './reader.js';
import { readStruct, writeStruct } from './struct.js';
import { versionRange, type VersionNotation } from './version-range.js';
import type { Writer } from './writer.js';

type Constructor<T> = (versions?: VersionNotation) => Field<T>;

function fieldOf<T>(type: WireType<T>): Constructor<T> {
  return (versions) =>
    new Field<T>(type as WireType<unknown>, versions ? versionRange(versions) : undefined);
}

function number(
  name: 'int8' | 'int16' | 'uint16' | 'int32' | 'int64' | 'float64',
): Constructor<number> {
  return fieldOf<number>({
    name,
    empty: 0,
    read: (reader) => reader[name](),
    write: (writer, value) => writer[name](value ?? 0),
  });
}

export const int8 = number('int8');
export const int16 = number('int16');
export const uint16 = number('uint16');
export const int32 = number('int32');
/** As a JavaScript number: exact up to 2^53. */
export const int64 = number('int64');
export const float64 = number('float64');

export const bool = fieldOf<boolean>({
  name: 'bool',
  empty: false,
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.bool(value ?? false),
});

/** A length, or -1 for null; flexible versions use varints of length + 1, 0 for null. */
function readLength(reader: Reader, encoding: Encoding, bits: 16 | 32): number {
  if (encoding.flexible) return reader.unsignedVarint() - 1;
  return bits === 16 ? reader.int16() : reader.int32();
}

function writeLength(writer: Writer, length: number, encoding: Encoding, bits: 16 | 32): void {
  if (encoding.flexible) writer.unsignedVarint(length + 1);
  else if (bits === 16) writer.int16(length);
  else writer.int32(length);
}

export const string = fieldOf<string>({
  name: 'string',
  empty: '',
  read(reader, encoding) {
    const length = readLength(reader, encoding, 16);
    if (length > 0x7fff) throw new MalformedRequest(`a string of ${length} bytes`);
    return length < 0 ? null : reader.utf8(length);
  },
  write(writer, value, encoding) {
    const length = value === null ? -1 : Buffer.byteLength(value);
    writeLength(writer, length, encoding, 16);
    if (value !== null) writer.utf8(value, length);
  },
});

/** Read as a view of the request; linked, not copied, into the response. */
export const bytes = fieldOf<Buffer>({
  name: 'bytes',
  empty: Buffer.alloc(0),
  read(reader, encoding) {
    const length = readLength(reader, encoding, 32);
    return length < 0 ? null : reader.slice(length);
  },
  write(writer, value, encoding) {
    writeLength(writer, value === null ? -1 : value.length, encoding, 32);
    if (value !== null) writer.raw(value);
  },
});

/** Record batches as the log hands them out: several buffers, written as one byte field. */
export const records = fieldOf<readonly Buffer[]>({
  name: 'records',
  empty: [],
  read(reader, encoding) {
    const length = readLength(reader, encoding, 32);
    return length < 0 ? null : [reader.slice(length)];
  },
  write(writer, value, encoding) {
    const length = value?.reduce((sum, buffer) => sum + buffer.length, 0) ?? -1;
    writeLength(writer, length, encoding, 32);
    for (const buffer of value ?? []) writer.raw(buffer);
  },
});

/** A UUID as 32 lower-case hexadecimal digits; all zeros stands for none. */
export const ZERO_UUID = '0'.repeat(32);
export const uuid = fieldOf<string>({
  name: 'uuid',
  empty: ZERO_UUID,
  read: (reader) => reader.slice(16).toString('hex'),
  write: (writer, value) => writer.raw(Buffer.from(value ?? ZERO_UUID, 'hex')),
});

/** A list; of a primitive type (pass its field) or of structures (pass their fields). */
export function array<T>(
  element: Field<T, boolean>,
  versions?: VersionNotation,
): Field<readonly T[]>;
export function array<F extends Fields>(
  element: F,
  versions?: VersionNotation,
): Field<ReadonlyArray<StructValue<F>>>;
export function array(
  element: Field<unknown, boolean> | Fields,
  versions?: VersionNotation,
): Field<readonly unknown[]> {
  const type: WireType<unknown> =
    element instanceof Field ? element.type : structType(element as Fields);
  return fieldOf(arrayType(type))(versions);
}

function arrayType(element: WireType<unknown>): WireType<readonly unknown[]> {
  return {
    name: `[]${element.name}`,
    empty: [],
    fields: element.fields,
    read(reader, encoding) {
      const length = readLength(reader, encoding, 32);
      if (length < 0) return null;
      reader.list(length);
      const values: unknown[] = [];
      for (let i = 0; i < length; i++) {
        const value = element.read(reader, encoding);
        if (value === null) throw new MalformedRequest('an array element is null');
        values.push(value);
      }
      return values;
    },
    write(writer, values, encoding) {
      writeLength(writer, values === null ? -1 : values.length, encoding, 32);
      for (const value of values ?? []) element.write(writer, value, encoding);
    },
  };
}

/** A nested structure. A nullable one is preceded by a byte: 1, or -1 for null. */
export function struct<F extends Fields>(
  fields: F,
  versions?: VersionNotation,
): Field<StructValue<F>> {
  return fieldOf(structType(fields) as WireType<StructValue<F>>)(versions);
}

function structType(fields: Fields): WireType<unknown> {
  return {
    name: 'struct',
    empty: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, field.fallback]),
    ),
    fields,
    read: (reader, encoding) => readStruct(fields, reader, encoding),
    write: (writer, value, encoding) =>
      writeStruct(fields, writer, value as Record<string, unknown>, encoding),
  };
}
