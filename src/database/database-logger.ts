import { Logger as NestLogger } from '@nestjs/common';
import type { Logger } from 'typeorm';

/**
 * Passes on what TypeORM wants to say to the application's log instead of the console. Errors are
 * not among it: whoever ran the query gets them, and decides.
 */
export class DatabaseLogger implements Logger {
  private readonly logger = new NestLogger('Database');

  constructor(private readonly module: string) {}

  logQuery(): void {}

  logQueryError(error: string | Error): void {
    this.logger.debug(`${this.module}: ${error instanceof Error ? error.message : error}`);
  }

  logQuerySlow(time: number, query: string): void {
    this.logger.warn(`${this.module}: a query took ${time} ms: ${query}`);
  }

  logSchemaBuild(message: string): void {
    this.logger.verbose(`${this.module}: ${message}`);
  }

  logMigration(message: string): void {
    this.logger.debug(`${this.module}: ${message}`);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    this.logger[level === 'warn' ? 'warn' : 'verbose'](`${this.module}: ${String(message)}`);
  }
}
