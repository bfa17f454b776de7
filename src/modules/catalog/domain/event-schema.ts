import type { CompatibilityMode, SchemaState } from '../../../kafka/contracts/catalog.contracts.js';
import { EventTypeInvalid, SchemaTooLarge } from './catalog.errors.js';

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** Schemas of one (topic, event type), and their newest. Type `*` is for every type without one. */
export interface SchemaSubject {
  readonly uid: string;
  readonly topicUid: string;
  readonly topic: string;
  readonly type: string;
  readonly compatibility: CompatibilityMode;
  /** Number of the newest schema; versions count from 1 without a hole. */
  readonly newest: number;
  readonly schema: JsonSchema;
  /** Changes of this subject: new versions and modes. */
  readonly version: number;
  readonly createdAt: Date;
}

/** One version of a subject's schema; never changed. */
export interface SchemaVersion {
  readonly subjectUid: string;
  readonly number: number;
  readonly schema: JsonSchema;
  readonly createdAt: Date;
}

/** Bounds of a schema. */
export const schemaLimits = { bytes: 512 * 1024, depth: 64, typeLength: 256 } as const;

const depthOf = (value: unknown, limit: number): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit === 0) return 1;
  let deepest = 0;
  for (const child of Object.values(value)) deepest = Math.max(deepest, depthOf(child, limit - 1));
  return deepest + 1;
};

/** @throws SchemaTooLarge */
export const requireSchemaWithinLimits = (schema: JsonSchema): void => {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > schemaLimits.bytes)
    throw new SchemaTooLarge(
      `A schema may have ${schemaLimits.bytes} bytes; this one has ${bytes}.`,
    );
  if (depthOf(schema, schemaLimits.depth) > schemaLimits.depth)
    throw new SchemaTooLarge(`A schema may be nested ${schemaLimits.depth} deep.`);
};

/**
 * An event type as schemas are registered for it: `*`, or what a CloudEvent's `type` can be.
 * @throws EventTypeInvalid
 */
export const requireEventType = (type: string): void => {
  const plain = [...type].every((character) => character >= ' ' && character !== '\u007f');
  if (type === '' || type.length > schemaLimits.typeLength || !plain)
    throw new EventTypeInvalid(
      `An event type must be 1 to ${schemaLimits.typeLength} characters without control characters.`,
    );
};

/** A subject as every process knows it. */
export const schemaStateOf = (subject: SchemaSubject): SchemaState => ({
  uid: subject.uid,
  topicUid: subject.topicUid,
  topic: subject.topic,
  type: subject.type,
  version: subject.newest,
  compatibility: subject.compatibility,
  schema: subject.schema,
});
