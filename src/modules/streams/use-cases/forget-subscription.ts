import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { PositionStore } from '../persistence/position.store.js';

/** Drops positions, leases and gaps of a deleted subscription; an unknown one is fine. */
@Injectable()
export class ForgetSubscription {
  constructor(private readonly positions: PositionStore) {}

  async execute(manager: EntityManager, subscriptionUid: string): Promise<void> {
    await this.positions.forget(manager, subscriptionUid);
  }
}
