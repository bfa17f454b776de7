import type { DataSource, EntityManager } from 'typeorm';
import { MOST_ATTEMPTS } from '../server/retry-schedule.js';
import { HandlingNeverEnded } from '../transport.errors.js';

const KEPT_DAYS = 8;

/**
 * Which try of an event this is, also when earlier ones ended with the process. A row is written
 * before a try that is not the first, or may not be: events that succeed at once cost nothing.
 */
export class AttemptCount {
  /** From 1. */
  attempt = 1;
  private isNoted = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly messageId: string,
    private mayHaveBeenTried: boolean,
  ) {}

  /**
   * Notes that this try begins; before the handler.
   * @throws HandlingNeverEnded when the event was begun as often as it may be, and nobody came to
   * give it up
   */
  async begin(): Promise<void> {
    if (this.mayHaveBeenTried) {
      this.attempt = (await this.begunBefore()) + 1;
      this.mayHaveBeenTried = false;
      this.isNoted = true;
    }
    if (this.attempt > MOST_ATTEMPTS) {
      throw new HandlingNeverEnded(`None of ${MOST_ATTEMPTS} attempts came to an end.`);
    }
    if (this.attempt === 1 && !this.isNoted) return;
    this.isNoted = true;
    await this.note();
  }

  /** The next try is another attempt. */
  advance(): void {
    this.attempt += 1;
  }

  /** Forgets the event, in the transaction in which it was handled. */
  async end(manager: EntityManager): Promise<void> {
    if (!this.isNoted) return;
    await manager.query(`DELETE FROM event_attempts WHERE message_id = $1`, [this.messageId]);
  }

  private async begunBefore(): Promise<number> {
    const [row] = await this.dataSource.query<{ attempt: number }[]>(
      `SELECT attempt FROM event_attempts WHERE message_id = $1`,
      [this.messageId],
    );
    return row?.attempt ?? 0;
  }

  private async note(): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO event_attempts (message_id, attempt) VALUES ($1, $2)
       ON CONFLICT (message_id) DO UPDATE SET attempt = excluded.attempt, begun_at = now()`,
      [this.messageId, this.attempt],
    );
  }
}

/** Remembers how often events of a module were begun. */
export class AttemptLog {
  constructor(private readonly dataSource: DataSource) {}

  /** @param mayHaveBeenTried whether another consumer may have begun the event before */
  countOf(messageId: string, mayHaveBeenTried: boolean): AttemptCount {
    return new AttemptCount(this.dataSource, messageId, mayHaveBeenTried);
  }
}

/** Forgets events that became dead letters or were given up otherwise. */
export async function pruneAttempts(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `DELETE FROM event_attempts WHERE begun_at < now() - make_interval(days => $1)`,
    [KEPT_DAYS],
  );
}
