import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { pruneDone } from '../dead-letters/dead-letters-done.js';
import { pruneAttempts } from '../inbox/attempt-log.js';
import { pruneInbox } from '../inbox/inbox.js';

/** Removes what transport's tables need no longer. Never rejects; the next round tries again. */
export async function pruneTables(dataSource: DataSource): Promise<void> {
  try {
    await pruneInbox(dataSource);
    await pruneDone(dataSource);
    await pruneAttempts(dataSource);
  } catch (error) {
    new Logger('Transport').debug(`Old rows stay for now: ${String(error)}`);
  }
}
