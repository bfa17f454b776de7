import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/**
 * Topics that are known to be gone. Creating a subscription and hearing of its topic's deletion
 * take the same lock: whichever comes second sees the first, so that no subscription stays active
 * on a topic that is not there.
 */
@Injectable()
export class DeletedTopics {
  /** Locks the topic until the transaction ends; answers whether it is known to be gone. */
  async lockAndAsk(manager: EntityManager, topicUid: string): Promise<boolean> {
    await this.lock(manager, topicUid);
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM deleted_topics WHERE topic_uid = $1`,
      [topicUid],
    );
    return rows.length > 0;
  }

  /** Remembers for a day, which is far longer than a creation lasts. */
  async remember(manager: EntityManager, topicUid: string): Promise<void> {
    await this.lock(manager, topicUid);
    await manager.query(`DELETE FROM deleted_topics WHERE deleted_at < now() - interval '1 day'`);
    await manager.query(
      `INSERT INTO deleted_topics (topic_uid) VALUES ($1) ON CONFLICT DO NOTHING`,
      [topicUid],
    );
  }

  private async lock(manager: EntityManager, topicUid: string): Promise<void> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [topicUid]);
  }
}
