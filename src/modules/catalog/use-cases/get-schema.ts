import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { SchemaNotFound } from '../domain/catalog.errors.js';
import type { SchemaSubject, SchemaVersion } from '../domain/event-schema.js';
import { SchemaStore } from '../persistence/schema.store.js';
import { GetTopic } from './get-topic.js';

/** A version of a schema with the subject that it belongs to. */
export interface FoundSchema {
  readonly subject: SchemaSubject;
  readonly version: SchemaVersion;
}

/** Reads a schema: the newest, or a version by its number. */
@Injectable()
export class GetSchema {
  constructor(
    private readonly getTopic: GetTopic,
    private readonly schemas: SchemaStore,
  ) {}

  /** @throws TopicForbidden, TopicNotFound, SchemaNotFound */
  async execute(
    principal: Principal,
    topic: string,
    type: string,
    number?: number,
  ): Promise<FoundSchema> {
    const { uid } = await this.getTopic.stored(principal, topic);
    const subject = await this.schemas.find(uid, type);
    const version =
      subject && (await this.schemas.findVersion(subject.uid, number ?? subject.newest));
    if (subject === undefined || version === undefined)
      throw new SchemaNotFound(`"${topic}" has no such schema for the type "${type}".`, {
        topic,
        type,
        ...(number === undefined ? {} : { version: number }),
      });
    return { subject, version };
  }
}
