import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { sweepOrphans } from '../../../delivery/persistence/forget.js';
import { sweepDone } from '../../../delivery/persistence/sweep-done.js';

/** Clears away rows that say no more than that an event is settled, and those of nobody. */
@Injectable()
export class ExceptionSweep {
  constructor(@InjectDataSource('webhooks') private readonly dataSource: DataSource) {}

  /** @param knownUids all subscriptions that exist */
  async sweep(knownUids: readonly string[]): Promise<void> {
    await sweepDone(this.dataSource);
    await this.dataSource.transaction((manager) => sweepOrphans(manager, knownUids));
  }
}
