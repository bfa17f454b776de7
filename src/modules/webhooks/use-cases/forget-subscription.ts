import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { forget } from '../../../delivery/persistence/forget.js';

/** Drops all that is kept for a deleted subscription; an unknown one is fine. */
@Injectable()
export class ForgetSubscription {
  async execute(manager: EntityManager, subscriptionUid: string): Promise<void> {
    await forget(manager, subscriptionUid);
  }
}
