import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import { compileSchema, type SchemaValidator } from '../../../events/schema/compile-schema.js';
import { schemasState, type SchemaState } from '../../../kafka/contracts/catalog.contracts.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../../../kafka/transport/state/state-table.js';
import { SchemaUnusable } from '../domain/ingest.errors.js';

/** Compiled schemas that are kept; the one used longest ago goes first. */
const KEPT = 1_000;
/** The type whose schema stands for every type without its own. */
const ANY_TYPE = '*';

const placeOf = (topicUid: string, type: string): string => `${topicUid}/${type}`;

/** Registered schemas as validators, each compiled at first use and once per version. */
@Injectable()
export class CompiledSchemas implements OnModuleDestroy {
  private readonly index: StateIndex<SchemaState>;
  private readonly compiled = new Map<string, SchemaValidator>();
  /** The one used last: events of a type come in runs. */
  private latest: { readonly state: SchemaState; readonly validator: SchemaValidator } | undefined;
  private readonly stopListening: () => void;

  constructor(@InjectStateTable(schemasState) schemas: StateTable<SchemaState>) {
    this.index = schemas.indexBy(({ topicUid, type }) => placeOf(topicUid, type));
    this.stopListening = schemas.onChange((uid) => {
      this.compiled.delete(uid);
      if (this.latest?.state.uid === uid) this.latest = undefined;
    });
  }

  onModuleDestroy(): void {
    this.stopListening();
  }

  /**
   * The validator of an event type in a topic: its own schema's, else that of `*`.
   * @throws SchemaUnusable when the schema cannot be compiled here
   */
  validatorOf(topicUid: string, type: string): SchemaValidator | undefined {
    const schema = this.stateOf(topicUid, type);
    return schema === undefined ? undefined : this.validator(schema);
  }

  /**
   * Waits, at most 1 s, for schemas that may just have been registered: what `validatorOf` has not
   * for one of the types afterwards was not there when this was called.
   * @throws TransportUnavailable when Kafka does not tell whether one exists
   */
  async awaitSchemasOf(topicUid: string, types: Iterable<string>): Promise<void> {
    const missing = [...new Set(types)].filter((type) => !this.stateOf(topicUid, type));
    await Promise.all(missing.map((type) => this.index.lookup(placeOf(topicUid, type))));
  }

  private stateOf(topicUid: string, type: string): SchemaState | undefined {
    return this.index.get(placeOf(topicUid, type)) ?? this.index.get(placeOf(topicUid, ANY_TYPE));
  }

  private validator(state: SchemaState): SchemaValidator {
    if (state === this.latest?.state) return this.latest.validator;
    let validator = this.compiled.get(state.uid);
    if (validator === undefined) validator = this.compile(state);
    else this.compiled.delete(state.uid);
    this.compiled.set(state.uid, validator);
    this.latest = { state, validator };
    return validator;
  }

  private compile({ schema, type, version }: SchemaState): SchemaValidator {
    const [oldest] = this.compiled.keys();
    if (this.compiled.size >= KEPT && oldest !== undefined) this.compiled.delete(oldest);
    try {
      return compileSchema(schema);
    } catch (error) {
      const options = { cause: error };
      const details = { type, version };
      throw new SchemaUnusable(`The schema of type "${type}" cannot be used.`, details, options);
    }
  }
}
