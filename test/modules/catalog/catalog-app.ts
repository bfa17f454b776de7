import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { startApp, stopApp, urlOf } from '../../../src/app.js';
import {
  schemasState,
  topicsState,
  type SchemaState,
  type TopicState,
} from '../../../src/kafka/contracts/catalog.contracts.js';
import { EVENT_LOG, type EventLog } from '../../../src/kafka/log/event-log.js';
import type { StateTable } from '../../../src/kafka/transport/state/state-table.js';
import { requestClientOf, stateTableOf } from '../../../src/kafka/transport/tokens.js';
import { KafkaTopics } from '../../../src/modules/catalog/use-cases/kafka-topics.js';
import { ReconcileTopics } from '../../../src/modules/catalog/use-cases/reconcile-topics.js';
import { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';

/** The catalog module alone in a process, on a database and a prefix of its own. */
export class CatalogApp {
  private app!: NestFastifyApplication;
  readonly adminKey = `mr_${randomBytes(32).toString('base64url')}`;
  client!: MillraceClient;

  private constructor(private readonly database: TestDatabase) {}

  static async start(): Promise<CatalogApp> {
    const catalog = new CatalogApp(await freshDatabase());
    await catalog.boot();
    return catalog;
  }

  get kafka() {
    return {
      brokers: [process.env['MILLRACE_TEST_KAFKA']!],
      prefix: `millrace.${this.database.name}.`,
    };
  }

  /** Ends the process in good order and starts another on the same database. */
  async restart(): Promise<void> {
    await stopApp(this.app);
    await this.boot();
  }

  async stop(): Promise<void> {
    await stopApp(this.app);
    await this.database.drop();
  }

  /** Kafka itself, as another program would use it. */
  get log(): EventLog {
    return this.app.get<EventLog>(EVENT_LOG, { strict: false });
  }

  get topics(): StateTable<TopicState> {
    return this.app.get<StateTable<TopicState>>(stateTableOf(topicsState), { strict: false });
  }

  get schemas(): StateTable<SchemaState> {
    return this.app.get<StateTable<SchemaState>>(stateTableOf(schemasState), { strict: false });
  }

  /** Waits until this process knows a topic's state as expected. */
  topicKnown(uid: string, expected: (state: TopicState | undefined) => boolean): Promise<unknown> {
    return eventually(() => this.topics.get(uid), expected);
  }

  /** Waits until this process knows a schema's state as expected. */
  schemaKnown(
    uid: string,
    expected: (state: SchemaState | undefined) => boolean,
  ): Promise<unknown> {
    return eventually(() => this.schemas.get(uid), expected);
  }

  /** What the catalog does at its start and now and then. */
  reconcile(): Promise<void> {
    return this.app.get(ReconcileTopics, { strict: false }).execute();
  }

  /** Plays the subscriptions module, which is not here. */
  answerSubscriptions(count: number): void {
    const requests = this.app.get<object>(requestClientOf('catalog'), { strict: false });
    Object.assign(requests, { request: () => Promise.resolve({ count }) });
  }

  /**
   * Breaks the next step towards Kafka, before or after Kafka has done it, as a crash or an outage
   * would.
   */
  breakNext(step: 'make' | 'remove' | 'change', when: 'before' | 'after', error: Error): void {
    const topics = this.app.get(KafkaTopics, { strict: false });
    const original = topics[step].bind(topics) as (...values: unknown[]) => Promise<void>;
    const broken = async (...values: unknown[]): Promise<void> => {
      Reflect.deleteProperty(topics, step);
      if (when === 'after') await original(...values);
      throw error;
    };
    Object.assign(topics, { [step]: broken });
  }

  private async boot(): Promise<void> {
    this.app = await startApp({
      http: { host: '127.0.0.1', port: 0 },
      modules: ['catalog'],
      logLevel: (process.env['MILLRACE_TEST_LOG_LEVEL'] as 'info' | undefined) ?? 'fatal',
      dataDir: tmpdir(),
      adminKey: this.adminKey,
      encryptionKey: Buffer.alloc(32, 7),
      databaseUrl: this.database.url,
      kafka: { ...this.kafka, ssl: false },
    });
    const base = urlOf(this.app);
    this.client = new MillraceClient({
      layout: 'together',
      adminKey: this.adminKey,
      kafka: this.kafka,
      url: (_, path) => base + path,
      stop: () => this.stop(),
    });
  }
}
