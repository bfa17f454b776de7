import type { Reader } from './reader.js';
import {
  ALL_VERSIONS,
  includes,
  NO_VERSIONS,
  versionRange,
  type VersionNotation,
  type VersionRange,
} from './version-range.js';
import type { Writer } from './writer.js';

/** What the encoding of a value depends on. */
export interface Encoding {
  readonly version: number;
  /** KIP-482: varint lengths and tagged fields. */
  readonly flexible: boolean;
}

/** How a value lies on the wire. `null` is passed in and out where the type has an encoding for it. */
export interface WireType<T> {
  readonly name: string;
  readonly empty: T;
  read(reader: Reader, encoding: Encoding): T | null;
  write(writer: Writer, value: T | null, encoding: Encoding): void;
  /** The fields of structures and of arrays of structures, for tools that walk a grammar. */
  readonly fields?: Fields;
}

/** One field of a message: a wire type and the versions in which it is present. */
export class Field<T, Optional extends boolean = false> {
  /** Holds both type parameters for inference; never set. */
  declare readonly inferred: { value: T; optional: Optional };

  constructor(
    readonly type: WireType<unknown>,
    readonly versions: VersionRange = ALL_VERSIONS,
    readonly nullableVersions: VersionRange = NO_VERSIONS,
    readonly fallback: unknown = type.empty,
    readonly tag?: number,
    readonly taggedVersions: VersionRange = NO_VERSIONS,
  ) {}

  /** The versions in which the value may be null. Where the field is absent, it is null. */
  nullable(versions: VersionNotation = '0+'): Field<T | null, Optional> {
    return new Field(
      this.type,
      this.versions,
      versionRange(versions),
      this.fallback === this.type.empty ? null : this.fallback,
      this.tag,
      this.taggedVersions,
    );
  }

  /** The value where the version has no such field; who encodes may leave it out. */
  or<V extends T>(fallback: V): Field<T, true> {
    return new Field(
      this.type,
      this.versions,
      this.nullableVersions,
      fallback,
      this.tag,
      this.taggedVersions,
    );
  }

  /** Puts the field among the tagged ones (KIP-482), which may be left out, in these versions. */
  tagged(tag: number, versions: VersionNotation): Field<T, true> {
    return new Field(
      this.type,
      this.versions,
      this.nullableVersions,
      this.fallback,
      tag,
      versionRange(versions),
    );
  }

  isInline({ version }: Encoding): boolean {
    return includes(this.versions, version) && !includes(this.taggedVersions, version);
  }

  isTagged({ version }: Encoding): boolean {
    return includes(this.versions, version) && includes(this.taggedVersions, version);
  }

  isNullable({ version }: Encoding): boolean {
    return includes(this.nullableVersions, version);
  }
}

export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;

type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K]['inferred']['optional'] extends true ? K : never;
}[keyof F];

/** A decoded message: every field is there, absent ones with their fallback. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: F[K]['inferred']['value'] };

/** A message to encode: fields with a fallback may be left out. */
export type Encodable<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueToEncode<F[K]['inferred']['value']>;
} & { readonly [K in OptionalKeys<F>]?: ValueToEncode<F[K]['inferred']['value']> };

type ValueToEncode<V> =
  V extends ReadonlyArray<infer E>
    ? E extends StructValue<infer F>
      ? ReadonlyArray<Encodable<F>>
      : V
    : V extends StructValue<infer F>
      ? Encodable<F>
      : V;

declare const structFields: unique symbol;

/** The decoded value of a structure with these fields; the mark exists at compile time only. */
export type StructValue<F extends Fields> = Decoded<F> & { readonly [structFields]?: F };
