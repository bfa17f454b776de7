import { Injectable } from '@nestjs/common';

import { decodeCursor, encodeCursor } from '../../../common/paging.js';
import type { DeliveryGap } from '../../../kafka/contracts/delivery-shapes.js';
import { GapStore } from '../persistence/gap.store.js';

/** A page of the gaps that a subscription's readers met. */
@Injectable()
export class ListStreamGaps {
  constructor(private readonly gaps: GapStore) {}

  /** @throws CursorInvalid, DatabaseUnavailable */
  async execute(
    subscriptionUid: string,
    limit: number,
    after: string | null,
  ): Promise<{ readonly gaps: readonly DeliveryGap[]; readonly next: string | null }> {
    const afterId = after === null ? 0 : Number(decodeCursor(after, 1)[0]);
    const rows = await this.gaps.list(subscriptionUid, limit + 1, afterId);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const more = rows.length > limit && last !== undefined;
    return {
      gaps: page.map(({ gap }) => gap),
      next: more ? encodeCursor([last.id]) : null,
    };
  }
}
