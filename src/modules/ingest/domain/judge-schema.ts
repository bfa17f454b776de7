import type { CloudEvent } from '../../../events/cloud-event.js';
import type { SchemaValidator } from '../../../events/schema/compile-schema.js';
import { SchemaMismatch, SchemaMissing } from './ingest.errors.js';

/** How a topic's events are judged: the validator of an event type, if the topic has one. */
export type ValidatorOf = (type: string) => SchemaValidator | undefined;

/**
 * Holds an event of an enforcing topic to its schema. Only data that is JSON can fit; an event
 * without data is judged as null.
 * @throws SchemaMissing, SchemaMismatch
 */
export const judgeSchema = (event: CloudEvent, validatorOf: ValidatorOf): void => {
  const { type, data } = event;
  const validate = validatorOf(type);
  if (validate === undefined) {
    throw new SchemaMissing(`The topic has no schema for events of type "${type}".`, { type });
  }
  if (data !== undefined && data.kind !== 'json') {
    throw new SchemaMismatch(`Data of type "${type}" must be JSON to fit its schema.`, { type });
  }
  const faults = validate(data?.value ?? null);
  const first = faults[0];
  if (first === undefined) return;
  const place = first.path === '' ? 'The data' : first.path;
  throw new SchemaMismatch(
    `The data does not fit the schema of type "${type}": ${place} ${first.message}.`,
    { type, errors: faults },
  );
};
