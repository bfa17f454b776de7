import type { EventData } from './event-data.js';

/** Types of an extension attribute: CloudEvents' String (also URI, Timestamp), Integer, Boolean. */
export type ExtensionValue = string | number | boolean;

/**
 * A CloudEvents 1.0 event. `partitionkey` and `tenant` are extension attributes that Millrace
 * knows; all others travel through in `extensions`.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** URI-reference; (source, id) names the event. */
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, exactly as the producer wrote it: precision and offset are its own. */
  readonly time?: string;
  readonly datacontenttype?: string;
  /** Absolute URI. */
  readonly dataschema?: string;
  /** Events with the same one stay in order; the record's key in Kafka. */
  readonly partitionkey?: string;
  /** The owner, when the event belongs to one. */
  readonly tenant?: string;
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
  readonly data?: EventData;
}

/** Attributes that are fields of CloudEvent, in the order in which formats write them. */
export const knownAttributes = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'partitionkey',
  'tenant',
] as const;

/** An attribute that is a field of CloudEvent. */
export type KnownAttribute = (typeof knownAttributes)[number];

const known: ReadonlySet<string> = new Set(knownAttributes);

/** Whether an attribute is a field of CloudEvent rather than one of its `extensions`. */
export const isKnownAttribute = (name: string): name is KnownAttribute => known.has(name);

/** An attribute's value in CloudEvents' canonical string form; undefined when it is not set. */
export const attributeOf = (event: CloudEvent, name: string): string | undefined => {
  if (isKnownAttribute(name)) return event[name];
  const value = Object.hasOwn(event.extensions, name) ? event.extensions[name] : undefined;
  return value === undefined ? undefined : String(value);
};
