import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import {
  findOrphans,
  removeRows,
  type OrphanedRows,
} from '../../../delivery/persistence/forget.js';
import { sweepDone } from '../../../delivery/persistence/sweep-done.js';

/** Clears away rows that say no more than that an event is settled, and those of nobody. */
@Injectable()
export class ExceptionSweep {
  constructor(@InjectDataSource('webhooks') private readonly dataSource: DataSource) {}

  /** Removes rows that say no more than that an event is settled. */
  sweepDone(): Promise<void> {
    return sweepDone(this.dataSource);
  }

  /** @param knownUids all subscriptions that exist */
  findOrphans(knownUids: readonly string[]): Promise<readonly OrphanedRows[]> {
    return findOrphans(this.dataSource.manager, knownUids);
  }

  /** Removes all rows of a subscription for good. */
  async removeRows(uid: string): Promise<void> {
    await this.dataSource.transaction((manager) => removeRows(manager, uid));
  }
}
