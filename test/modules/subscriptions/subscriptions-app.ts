import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { DataSource } from 'typeorm';

import { startApp, stopApp, urlOf } from '../../../src/app.js';
import { hashOf } from '../../../src/auth/api-key.js';
import { newUid } from '../../../src/common/ids.js';
import type { Settings } from '../../../src/config/settings.js';
import { keysState, type KeyState } from '../../../src/kafka/contracts/access.contracts.js';
import { topicsState } from '../../../src/kafka/contracts/catalog.contracts.js';
import type { StateContract } from '../../../src/kafka/contracts/contract.js';
import { EVENT_LOG, type EventLog } from '../../../src/kafka/log/event-log.js';
import type { StateTable } from '../../../src/kafka/transport/state/state-table.js';
import { stateTableOf } from '../../../src/kafka/transport/tokens.js';
import '../../../src/modules/subscriptions/subscriptions.module.js';
import { MillraceClient, uniqueName } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlayedWebhooks } from './played-webhooks.js';

/** What differs from one test's process to another's. */
type MoreSettings = Pick<Settings, 'webhookAllowCidrs'>;

/**
 * A process with only the module subscriptions, and beside it one that plays the module webhooks.
 * What the catalog and access would tell it is put into its state tables.
 */
export class SubscriptionsApp {
  readonly client: MillraceClient;
  private versions = 0;

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly webhooks: PlayedWebhooks,
    readonly database: TestDatabase,
    readonly settings: Settings,
  ) {
    const base = urlOf(app);
    this.client = new MillraceClient({
      layout: 'together',
      adminKey: settings.adminKey,
      kafka: { brokers: settings.kafka.brokers, prefix: settings.kafka.prefix },
      url: (_, path) => base + path,
      stop: () => this.stop(),
    });
  }

  static async start(more: MoreSettings = {}): Promise<SubscriptionsApp> {
    const database = await freshDatabase();
    const prefix = `millrace.${database.name}.`;
    const settings: Settings = {
      http: { host: '127.0.0.1', port: 0 },
      modules: ['subscriptions'],
      logLevel: (process.env['MILLRACE_TEST_LOG_LEVEL'] as 'info' | undefined) ?? 'fatal',
      dataDir: tmpdir(),
      adminKey: `mr_${randomBytes(32).toString('base64url')}`,
      encryptionKey: randomBytes(32),
      databaseUrl: database.url,
      kafka: { brokers: [process.env['MILLRACE_TEST_KAFKA']!], ssl: false, prefix },
      ...more,
    };
    const webhooks = await PlayedWebhooks.start(settings);
    return new SubscriptionsApp(await startApp(settings), webhooks, database, settings);
  }

  get dataSource(): DataSource {
    return this.app.get<DataSource>(getDataSourceToken('subscriptions'), { strict: false });
  }

  /** Makes a topic in Kafka and tells the process of it, as the catalog would. */
  async createTopic(): Promise<string> {
    const name = uniqueName('topic');
    const log = this.app.get<EventLog>(EVENT_LOG, { strict: false });
    const { id } = await log.admin.createTopic({ name, partitions: 1 });
    const uid = newUid();
    this.apply(topicsState, uid, {
      uid,
      name,
      kafkaTopicId: id,
      partitions: 1,
      managed: true,
      enforceSchemas: false,
      maxEventBytes: 1_000_000,
      createdAt: new Date().toISOString(),
    });
    return name;
  }

  /** A client with a key of these rights, made as access would. */
  as(rights: Partial<KeyState>): MillraceClient {
    const key = `mr_${randomBytes(32).toString('base64url')}`;
    const uid = newUid();
    this.apply(keysState, uid, {
      uid,
      id: uniqueName('key'),
      hash: hashOf(key),
      scopes: ['manage'],
      topics: null,
      subscriptions: null,
      tenant: null,
      createdAt: new Date().toISOString(),
      ...rights,
    });
    return this.client.as(key);
  }

  async stop(): Promise<void> {
    await stopApp(this.app);
    await this.webhooks.stop();
    await this.database.drop();
  }

  private apply<State>(contract: StateContract<State>, uid: string, state: State): void {
    this.versions += 1;
    const table = this.app.get<StateTable<State>>(stateTableOf(contract), { strict: false });
    table.apply({ uid, version: this.versions, state });
  }
}
