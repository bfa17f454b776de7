import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { startApp, stopApp, urlOf } from '../../../src/app.js';
import type { ModuleName } from '../../../src/kafka/contracts/module-names.js';
import { MillraceClient } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import type { Installation } from '../../support/installation.js';

/** Processes that share a database, a prefix and their keys. */
export class AccessBed {
  private readonly apps: NestFastifyApplication[] = [];
  readonly adminKey = `mr_${randomBytes(32).toString('base64url')}`;

  private constructor(readonly database: TestDatabase) {}

  static async make(): Promise<AccessBed> {
    return new AccessBed(await freshDatabase());
  }

  /** Starts a process with these modules; every process checks keys. */
  async start(...modules: ModuleName[]): Promise<MillraceClient> {
    const kafka = {
      brokers: [process.env['MILLRACE_TEST_KAFKA']!],
      prefix: `millrace.${this.database.name}.`,
    };
    const app = await startApp({
      http: { host: '127.0.0.1', port: 0 },
      modules,
      logLevel: (process.env['MILLRACE_TEST_LOG_LEVEL'] as 'info' | undefined) ?? 'fatal',
      dataDir: tmpdir(),
      adminKey: this.adminKey,
      encryptionKey: Buffer.alloc(32, 7),
      databaseUrl: this.database.url,
      kafka: { ...kafka, ssl: false },
    });
    this.apps.push(app);
    const base = urlOf(app);
    const installation: Installation = {
      layout: 'together',
      adminKey: this.adminKey,
      kafka,
      url: (_, path) => base + path,
      stop: () => this.stop(),
    };
    return new MillraceClient(installation);
  }

  /** Stops all processes, and forgets the database. */
  async stop(): Promise<void> {
    await Promise.all(this.apps.map(stopApp));
    await this.database.drop();
  }
}
