import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { requireIfMatch } from '../../../common/etag.js';
import { newUid } from '../../../common/ids.js';
import { compileSchema } from '../../../events/schema/compile-schema.js';
import { schemasState } from '../../../kafka/contracts/catalog.contracts.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import type { UnitOfWorkTransaction } from '../../../kafka/transport/outbox/transaction.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import { CatalogReadOnly, TopicNotFound } from '../domain/catalog.errors.js';
import type { Fits } from '../domain/compatibility/inclusion.js';
import {
  requireEventType,
  requireSchemaWithinLimits,
  schemaStateOf,
  type SchemaSubject,
} from '../domain/event-schema.js';
import { jsonEqual } from '../domain/json-equal.js';
import {
  firstRevision,
  nextRevision,
  versionConflict,
  type SchemaWish,
} from '../domain/schema-revision.js';
import { SchemaStore } from '../persistence/schema.store.js';
import { TopicStore } from '../persistence/topic.store.js';
import type { FoundSchema } from './get-schema.js';
import { GetTopic } from './get-topic.js';

/** What PUT of a schema asks for. */
export interface PutSchemaInput extends SchemaWish {
  readonly topic: string;
  readonly type: string;
  readonly ifMatch?: string;
}

/** The version that holds the schema, and whether it is new. */
export interface PutSchemaResult extends FoundSchema {
  readonly created: boolean;
}

const fits: Fits = (schema, document) => compileSchema(schema)(document).length === 0;

/** Registers a schema for an event type of a topic; the newest schema again changes nothing. */
@Injectable()
export class PutSchema {
  constructor(
    private readonly getTopic: GetTopic,
    private readonly topics: TopicStore,
    private readonly schemas: SchemaStore,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws CatalogError, SchemaInvalid, AuthError, PreconditionFailed */
  async execute(principal: Principal, input: PutSchemaInput): Promise<PutSchemaResult> {
    requireEventType(input.type);
    const topic = await this.getTopic.stored(principal, input.topic);
    if (principal.tenant !== null) throw new CatalogReadOnly();
    requireSchemaWithinLimits(input.schema);
    compileSchema(input.schema);
    return this.unitOfWork.run(async (tx) => {
      const locked = await this.topics.lock(tx.manager, topic.uid);
      if (locked === undefined || locked.status !== 'active') throw new TopicNotFound(input.topic);
      const subject = await this.schemas.find(topic.uid, input.type, tx.manager);
      requireIfMatch(input.ifMatch, subject);
      if (subject !== undefined && (input.version ?? subject.newest) < subject.newest)
        return this.repeat(tx, subject, input);
      return this.revise(tx, subject, topic.uid, input);
    });
  }

  private async revise(
    tx: UnitOfWorkTransaction,
    subject: SchemaSubject | undefined,
    topicUid: string,
    input: PutSchemaInput,
  ): Promise<PutSchemaResult> {
    const createdAt = this.clock.now();
    const { topic, type } = input;
    const revised = subject
      ? nextRevision(subject, input, fits)
      : firstRevision({ uid: newUid(), topicUid, topic, type, createdAt }, input);
    if (subject === undefined) await this.schemas.insert(tx.manager, revised);
    else if (revised !== subject) await this.schemas.update(tx.manager, revised);
    const { uid, newest, schema, version } = revised;
    const created = newest !== subject?.newest;
    if (created)
      await this.schemas.addVersion(tx.manager, {
        subjectUid: uid,
        number: newest,
        schema,
        createdAt,
      });
    if (revised !== subject) tx.publishState(schemasState, uid, version, schemaStateOf(revised));
    return { subject: revised, version: await this.version(tx, revised, newest), created };
  }

  /** PUT of an earlier version may only repeat it. */
  private async repeat(
    tx: UnitOfWorkTransaction,
    subject: SchemaSubject,
    { schema, version: number = subject.newest }: PutSchemaInput,
  ): Promise<PutSchemaResult> {
    const version = await this.version(tx, subject, number);
    if (!jsonEqual(version.schema, schema)) throw versionConflict(number, subject.newest);
    return { subject, version, created: false };
  }

  private async version(
    { manager }: UnitOfWorkTransaction,
    subject: SchemaSubject,
    number: number,
  ) {
    const version = await this.schemas.findVersion(subject.uid, number, manager);
    if (version === undefined) throw versionConflict(number, subject.newest);
    return version;
  }
}
