import { Injectable } from '@nestjs/common';
import { afterId, pageAfter } from '../../../common/page-of-rows.js';
import { DeadLetterStore } from '../../../delivery/persistence/dead-letter.store.js';
import type { DeadLetterSummary } from '../../../kafka/contracts/delivery-shapes.js';

/** A page of a subscription's dead letters, oldest first, without payloads. */
@Injectable()
export class ListDeadLetters {
  constructor(private readonly deadLetters: DeadLetterStore) {}

  /** @throws CursorInvalid, DatabaseUnavailable */
  async execute(
    subscriptionUid: string,
    limit: number,
    after: string | null,
  ): Promise<{
    readonly deadLetters: readonly DeadLetterSummary[];
    readonly next: string | null;
  }> {
    const rows = await this.deadLetters.list(subscriptionUid, limit + 1, afterId(after));
    const { page, next } = pageAfter(rows, limit, ({ id }) => Number(id));
    return { deadLetters: page, next };
  }
}
