import { Injectable } from '@nestjs/common';

import { afterId, pageOf } from '../../../common/paging.js';
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
    const rows = await this.gaps.list(subscriptionUid, limit + 1, afterId(after));
    const { data, nextCursor } = pageOf(rows, limit, ({ id }) => [id]);
    return { gaps: data.map(({ gap }) => gap), next: nextCursor };
  }
}
