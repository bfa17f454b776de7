import { Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import { LeaseLost } from '../domain/streams.errors.js';
import { PositionStore } from '../persistence/position.store.js';
import { StreamDirectory } from '../reading/stream-directory.js';
import { cursorOf } from './open-reader.js';

/**
 * Makes a cursor the place where the subscription's next reader begins. Partitions that another
 * reader has taken since are refused, the others are stored all the same.
 */
@Injectable()
export class CommitCursor {
  constructor(
    private readonly directory: StreamDirectory,
    private readonly positions: PositionStore,
  ) {}

  /** @throws StreamNotFound, CursorInvalid, LeaseLost, DatabaseUnavailable */
  async execute(principal: Principal, id: string, text: string): Promise<void> {
    const subscription = await this.directory.require(principal, id);
    const cursor = cursorOf(subscription, text);
    if (cursor.positions.length === 0) return;
    const { committed, lost } = await this.positions.commit(subscription.uid, cursor);
    if (lost.length > 0) throw new LeaseLost(lost, committed);
  }
}
