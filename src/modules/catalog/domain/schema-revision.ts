import type { CompatibilityMode } from '../../../kafka/contracts/catalog.contracts.js';
import { SchemaVersionConflict } from './catalog.errors.js';
import { requireCompatible, requireDecidable } from './compatibility/compatibility.js';
import type { Fits } from './compatibility/inclusion.js';
import type { JsonSchema, SchemaSubject } from './event-schema.js';
import { jsonEqual } from './json-equal.js';

/** What a request wants of a subject. */
export interface SchemaWish {
  readonly schema: JsonSchema;
  /** Left out: stays, NONE at first. */
  readonly compatibility?: CompatibilityMode;
  /** The version that the schema must be, or become. */
  readonly version?: number;
}

/** The named version is neither the next nor one that holds the schema. */
export const versionConflict = (version: number, newest: number): SchemaVersionConflict =>
  new SchemaVersionConflict(
    `Version ${version} is neither the next one (${newest + 1}) nor one that holds this schema.`,
    { version, newest },
  );

/**
 * A subject's first state.
 * @throws SchemaVersionConflict, CompatibilityUndecidable
 */
export const firstRevision = (
  identity: Pick<SchemaSubject, 'uid' | 'topicUid' | 'topic' | 'type' | 'createdAt'>,
  { schema, compatibility = 'NONE', version = 1 }: SchemaWish,
): SchemaSubject => {
  if (version !== 1) throw versionConflict(version, 0);
  requireDecidable(compatibility, schema);
  return { ...identity, compatibility, newest: 1, schema, version: 1 };
};

/**
 * A subject's next state: the very same subject when nothing changes, else with another mode, or a
 * version more. Versions are only ever added, and judged against the newest.
 * @throws SchemaVersionConflict, CompatibilityUndecidable, SchemaIncompatible
 */
export const nextRevision = (
  subject: SchemaSubject,
  { schema, compatibility = subject.compatibility, version }: SchemaWish,
  fits: Fits,
): SchemaSubject => {
  const unchanged = jsonEqual(subject.schema, schema);
  const number = unchanged ? subject.newest : subject.newest + 1;
  if (version !== undefined && version !== number) throw versionConflict(version, subject.newest);
  if (unchanged && compatibility === subject.compatibility) return subject;
  if (unchanged) requireDecidable(compatibility, schema);
  else requireCompatible(compatibility, subject.schema, schema, fits);
  return {
    ...subject,
    compatibility,
    schema: unchanged ? subject.schema : schema,
    newest: number,
    version: subject.version + 1,
  };
};
