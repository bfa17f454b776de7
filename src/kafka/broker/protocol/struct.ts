import type { Decoded, Encodable, Encoding, Field, Fields } from './field.js';
import { MalformedRequest } from './malformed-request.js';
import type { Reader } from './reader.js';
import { Writer } from './writer.js';

interface NamedField {
  readonly name: string;
  readonly field: Field<unknown, boolean>;
}

/** The fields of one structure in one version, sorted out once. */
interface Layout {
  readonly inline: readonly NamedField[];
  readonly tagged: readonly NamedField[];
  readonly absent: readonly NamedField[];
}

const layouts = new WeakMap<Fields, Map<number, Layout>>();

function layoutOf(fields: Fields, encoding: Encoding): Layout {
  let versions = layouts.get(fields);
  if (!versions) layouts.set(fields, (versions = new Map<number, Layout>()));
  let layout = versions.get(encoding.version);
  if (!layout) versions.set(encoding.version, (layout = sortOut(fields, encoding)));
  return layout;
}

function sortOut(fields: Fields, encoding: Encoding): Layout {
  const all = Object.entries(fields).map(([name, field]) => ({ name, field }));
  return {
    inline: all.filter(({ field }) => field.isInline(encoding)),
    tagged: all
      .filter(({ field }) => field.isTagged(encoding))
      .sort((a, b) => (a.field.tag ?? 0) - (b.field.tag ?? 0)),
    absent: all.filter(({ field }) => !field.isInline(encoding)),
  };
}

/** Decodes a structure: its fields in order, then, in flexible versions, the tagged ones. */
export function readStruct<F extends Fields>(
  fields: F,
  reader: Reader,
  encoding: Encoding,
): Decoded<F> {
  const { inline, tagged, absent } = layoutOf(fields, encoding);
  const value: Record<string, unknown> = {};
  for (const { name, field } of absent) value[name] = field.fallback;
  for (const { name, field } of inline) value[name] = readField(name, field, reader, encoding);
  if (encoding.flexible) readTagged(tagged, value, reader, encoding);
  return value as Decoded<F>;
}

function readField(
  name: string,
  field: Field<unknown, boolean>,
  reader: Reader,
  encoding: Encoding,
): unknown {
  const nullable = field.isNullable(encoding);
  if (nullable && field.type.name === 'struct' && reader.int8() < 0) return null;
  const value = field.type.read(reader, encoding);
  if (value === null && !nullable) throw new MalformedRequest(`${name} must not be null`);
  return value;
}

function readTagged(
  tagged: readonly NamedField[],
  value: Record<string, unknown>,
  reader: Reader,
  encoding: Encoding,
): void {
  for (let count = reader.unsignedVarint(); count > 0; count--) {
    const tag = reader.unsignedVarint();
    const size = reader.unsignedVarint();
    const known = tagged.find(({ field }) => field.tag === tag);
    if (known) value[known.name] = readField(known.name, known.field, reader, encoding);
    else reader.slice(size);
  }
}

/** Encodes a structure. Fields that the version does not have are left out silently. */
export function writeStruct<F extends Fields>(
  fields: F,
  writer: Writer,
  value: Encodable<F>,
  encoding: Encoding,
): void {
  const { inline, tagged } = layoutOf(fields, encoding);
  const values = value as Readonly<Record<string, unknown>>;
  for (const { name, field } of inline) {
    writeField(field, values[name] === undefined ? field.fallback : values[name], writer, encoding);
  }
  if (encoding.flexible) writeTagged(tagged, values, writer, encoding);
}

function writeField(
  field: Field<unknown, boolean>,
  value: unknown,
  writer: Writer,
  encoding: Encoding,
): void {
  // Older versions have no null: what is null there is empty.
  const nullable = field.isNullable(encoding);
  const written = value === null && !nullable ? field.type.empty : value;
  if (nullable && field.type.name === 'struct') {
    writer.int8(written === null ? -1 : 1);
    if (written === null) return;
  }
  field.type.write(writer, written, encoding);
}

function writeTagged(
  tagged: readonly NamedField[],
  values: Readonly<Record<string, unknown>>,
  writer: Writer,
  encoding: Encoding,
): void {
  const present = tagged.filter(({ name, field }) => differs(values[name], field.fallback));
  writer.unsignedVarint(present.length);
  for (const { name, field } of present) {
    const body = new Writer();
    writeField(field, values[name], body, encoding);
    writer.unsignedVarint(field.tag ?? 0);
    writer.unsignedVarint(body.length);
    writer.append(body);
  }
}

/** Tagged fields are sent only when they say more than their default. */
function differs(value: unknown, fallback: unknown): boolean {
  if (value === undefined || value === fallback) return false;
  return !(Array.isArray(value) && value.length === 0 && Array.isArray(fallback));
}
