import { Injectable } from '@nestjs/common';
import { CursorInvalid, decodeCursor, pageOf } from '../../../common/paging.js';
import {
  DeadLetterStore,
  type DeadLetterPosition,
} from '../../../delivery/persistence/dead-letter.store.js';
import { isRowId } from '../../../delivery/persistence/row-id.js';
import type { DeadLetterSummary } from '../../../kafka/contracts/delivery-shapes.js';

/** A page of a subscription's dead letters, those that died first before the others, without payloads. */
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
    const position = after === null ? undefined : positionOf(after);
    const rows = await this.deadLetters.list(subscriptionUid, limit + 1, position);
    const { data, nextCursor } = pageOf(rows, limit, ({ deadAt, id }) => [Date.parse(deadAt), id]);
    return { deadLetters: data, next: nextCursor };
  }
}

const positionOf = (cursor: string): DeadLetterPosition => {
  const [diedMs, id] = decodeCursor(cursor, 2);
  const deadAt = new Date(Number(diedMs));
  if (Number.isNaN(deadAt.getTime()) || !isRowId(String(id))) throw new CursorInvalid();
  return { deadAt, id: String(id) };
};
