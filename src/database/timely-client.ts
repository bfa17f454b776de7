import { Client, type ClientConfig } from 'pg';

const LATE = 'Query read timeout';

/**
 * A connection that is given up once a query was not answered in time (`query_timeout`). pg itself
 * would keep it: a ROLLBACK would wait behind the lost answer for as long again, and then the pool
 * would hand the same dead connection to the next one.
 */
export class TimelyClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    const query = this.query as (...parts: unknown[]) => unknown;
    this.query = ((...parts: unknown[]) =>
      this.watched(query.apply(this, parts))) as Client['query'];
  }

  private watched(answer: unknown): unknown {
    if (answer instanceof Promise) answer.catch((error: unknown) => this.judge(error));
    return answer;
  }

  private judge(error: unknown): void {
    if (error instanceof Error && error.message === LATE) void this.end();
  }
}
