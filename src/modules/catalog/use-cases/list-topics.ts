import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { decodeCursor, pageOf, type Page } from '../../../common/paging.js';
import type { Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';

/** Lists topics by name; a key that is limited to topics sees only those. */
@Injectable()
export class ListTopics {
  constructor(private readonly topics: TopicStore) {}

  /** @throws CursorInvalid */
  async execute(
    principal: Principal,
    limit: number,
    cursor: string | undefined,
  ): Promise<Page<Topic>> {
    const afterName = cursor === undefined ? undefined : String(decodeCursor(cursor, 1)[0]);
    const rows = await this.topics.list({ names: principal.topics, afterName, limit: limit + 1 });
    return pageOf(rows, limit, ({ name }) => [name]);
  }
}
