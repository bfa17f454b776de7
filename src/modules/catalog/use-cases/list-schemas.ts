import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { decodeCursor, pageOf, type Page } from '../../../common/paging.js';
import type { SchemaSubject } from '../domain/event-schema.js';
import { SchemaStore } from '../persistence/schema.store.js';
import { GetTopic } from './get-topic.js';

/** Lists a topic's schemas by event type, the newest of each. */
@Injectable()
export class ListSchemas {
  constructor(
    private readonly getTopic: GetTopic,
    private readonly schemas: SchemaStore,
  ) {}

  /** @throws TopicForbidden, TopicNotFound, CursorInvalid */
  async execute(
    principal: Principal,
    topic: string,
    limit: number,
    cursor: string | undefined,
  ): Promise<Page<SchemaSubject>> {
    const { uid } = await this.getTopic.stored(principal, topic);
    const afterType = cursor === undefined ? undefined : String(decodeCursor(cursor, 1)[0]);
    const rows = await this.schemas.list(uid, limit + 1, afterType);
    return pageOf(rows, limit, ({ type }) => [type]);
  }
}
