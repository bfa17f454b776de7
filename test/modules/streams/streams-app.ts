import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { startApp, stopApp, urlOf } from '../../../src/app.js';
import { hashOf } from '../../../src/auth/api-key.js';
import { newUid } from '../../../src/common/ids.js';
import { toRecord } from '../../../src/events/codec/kafka-binding.js';
import { EventData } from '../../../src/events/event-data.js';
import { keysState, type KeyState } from '../../../src/kafka/contracts/access.contracts.js';
import { topicsState, type TopicState } from '../../../src/kafka/contracts/catalog.contracts.js';
import type { StateContract } from '../../../src/kafka/contracts/contract.js';
import { EVENT_LOG, type EventLog, type StoredAt } from '../../../src/kafka/log/event-log.js';
import type { StateTable } from '../../../src/kafka/transport/state/state-table.js';
import { stateTableOf } from '../../../src/kafka/transport/tokens.js';
// Loaded here in one piece: Jest's loader cannot import two modules' graphs at the same time.
import '../../../src/modules/streams/streams.module.js';
import '../../../src/modules/subscriptions/subscriptions.module.js';
import type { Installation } from '../../support/installation.js';
import { MillraceClient, uniqueName } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';

/** What a test publishes; the rest of the event is filled in. */
export interface TestEvent {
  readonly id: string;
  readonly type?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly data?: EventData;
  readonly partition?: number;
}

/** Where the processes of one test meet. */
export interface TestBed {
  readonly database: TestDatabase;
  readonly prefix: string;
}

/** A database and a prefix of internal topics of the test's own. */
export async function testBed(): Promise<TestBed> {
  const database = await freshDatabase();
  return { database, prefix: `millrace.${database.name}.` };
}

/**
 * A process with only the modules subscriptions and streams. What the catalog and access would tell
 * it is put into its state tables; events go straight into the log.
 */
export class StreamsApp {
  readonly client: MillraceClient;
  private versions = 0;

  private constructor(
    readonly app: NestFastifyApplication,
    adminKey: string,
    prefix: string,
  ) {
    const base = urlOf(app);
    const installation: Installation = {
      layout: 'together',
      adminKey,
      kafka: { brokers: [process.env['MILLRACE_TEST_KAFKA']!], prefix },
      url: (_, path) => base + path,
      stop: () => this.stop(),
    };
    this.client = new MillraceClient(installation);
  }

  static async start({ database, prefix }: TestBed): Promise<StreamsApp> {
    const adminKey = `mr_${randomBytes(32).toString('base64url')}`;
    const app = await startApp({
      http: { host: '127.0.0.1', port: 0 },
      modules: ['subscriptions', 'streams'],
      logLevel: (process.env['MILLRACE_TEST_LOG_LEVEL'] as 'info' | undefined) ?? 'fatal',
      dataDir: tmpdir(),
      adminKey,
      encryptionKey: Buffer.alloc(32, 7),
      databaseUrl: database.url,
      kafka: { brokers: [process.env['MILLRACE_TEST_KAFKA']!], ssl: false, prefix },
    });
    return new StreamsApp(app, adminKey, prefix);
  }

  get log(): EventLog {
    return this.context.get<EventLog>(EVENT_LOG, { strict: false });
  }

  private get context(): INestApplicationContext {
    return this.app;
  }

  /** Makes a topic in Kafka and tells the process of it, as the catalog would. */
  async createTopic(partitions: number, name = uniqueName('streams')): Promise<TopicState> {
    const { id } = await this.log.admin.createTopic({ name, partitions });
    const topic: TopicState = {
      uid: newUid(),
      name,
      kafkaTopicId: id,
      partitions,
      managed: true,
      enforceSchemas: false,
      maxEventBytes: 1_000_000,
      createdAt: new Date().toISOString(),
    };
    this.know(topic);
    return topic;
  }

  /** Tells the process of a topic. */
  know(topic: TopicState): void {
    this.apply(topicsState, topic.uid, topic);
  }

  /** Makes a key, as access would. */
  createKey(rights: Partial<KeyState>): { readonly key: string; readonly revoke: () => void } {
    const key = `mr_${randomBytes(32).toString('base64url')}`;
    const uid = newUid();
    this.apply(keysState, uid, {
      uid,
      id: uniqueName('key'),
      hash: hashOf(key),
      scopes: ['consume'],
      topics: null,
      subscriptions: null,
      tenant: null,
      createdAt: new Date().toISOString(),
      ...rights,
    });
    return { key, revoke: () => this.apply(keysState, uid, null) };
  }

  /** Stores events in one call, in order. */
  async publish(topic: string, events: readonly TestEvent[]): Promise<readonly StoredAt[]> {
    const records = events.map(({ id, type = 'test', key, tenant, data, partition }) => ({
      ...toRecord({
        specversion: '1.0',
        id,
        source: '/test',
        type,
        partitionkey: key,
        tenant,
        datacontenttype: data && 'application/json',
        data,
        extensions: {},
      }),
      partition,
    }));
    const stored = await this.log.publisher.publish(topic, records);
    return stored.map((place) => {
      if (place instanceof Error) throw place;
      return place;
    });
  }

  /** Numbered events, all in one partition unless told otherwise. */
  publishNumbers(topic: string, from: number, to: number, partition = 0) {
    const events = Array.from({ length: to - from + 1 }, (_, index) => ({
      id: String(from + index),
      partition,
      data: EventData.json({ n: from + index }),
    }));
    return this.publish(topic, events);
  }

  stop(): Promise<void> {
    return stopApp(this.app);
  }

  private apply<State>(contract: StateContract<State>, uid: string, state: State | null): void {
    this.versions += 1;
    const table = this.context.get<StateTable<State>>(stateTableOf(contract), { strict: false });
    table.apply({ uid, version: this.versions, state });
  }
}
