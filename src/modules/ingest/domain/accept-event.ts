import type { CloudEvent } from '../../../events/cloud-event.js';
import { toRecord, type EventRecord } from '../../../events/codec/kafka-binding.js';
import { EventTooLarge, TenantMismatch } from './ingest.errors.js';
import { judgeSchema, type ValidatorOf } from './judge-schema.js';

/** The rules that events sent to a topic must keep. */
export interface Admission {
  /** The sender's tenant; null: the operator's key, which may name any. */
  readonly tenant: string | null;
  /** Bound of key, headers and data together. */
  readonly maxEventBytes: number;
  /** Set: the topic demands that events fit their schema. */
  readonly validatorOf: ValidatorOf | undefined;
  /** RFC 3339; given to events that carry no time, so made only when asked for. */
  readonly receivedAt: () => string;
}

/** An event that is taken, and the record that stores it. */
export interface AcceptedEvent {
  readonly event: CloudEvent;
  readonly record: EventRecord;
}

/** Bytes that count against the bound: key, header names and values, data. */
export const eventBytes = ({ key, value, headers }: EventRecord): number => {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.name.length + header.value.length;
  return bytes;
};

const stamped = (event: CloudEvent, { tenant, receivedAt }: Admission): CloudEvent => {
  if (tenant !== null && event.tenant !== undefined && event.tenant !== tenant) {
    throw new TenantMismatch('The event names a tenant that the key does not belong to.');
  }
  const owner = tenant ?? event.tenant;
  if (owner === event.tenant && event.time !== undefined) return event;
  return { ...event, tenant: owner, time: event.time ?? receivedAt() };
};

/**
 * Takes an event in: stamps its sender's tenant and, where it has none, the time; holds it to the
 * topic's schema and size.
 * @throws TenantMismatch, SchemaMissing, SchemaMismatch, EventTooLarge
 */
export const acceptEvent = (event: CloudEvent, admission: Admission): AcceptedEvent => {
  const { validatorOf, maxEventBytes } = admission;
  const accepted = stamped(event, admission);
  if (validatorOf !== undefined) judgeSchema(accepted, validatorOf);
  const record = toRecord(accepted);
  const bytes = eventBytes(record);
  if (bytes > maxEventBytes) {
    throw new EventTooLarge(
      `Key, headers and data take ${bytes} bytes; the topic's limit is ${maxEventBytes}.`,
      { bytes, maxEventBytes },
    );
  }
  return { event: accepted, record };
};
