import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { startApp, stopApp, urlOf } from '../../../src/app.js';
import { hashOf } from '../../../src/auth/api-key.js';
import { newUid } from '../../../src/common/ids.js';
import { keysState, type KeyState } from '../../../src/kafka/contracts/access.contracts.js';
import {
  schemasState,
  topicsState,
  type SchemaState,
  type TopicState,
} from '../../../src/kafka/contracts/catalog.contracts.js';
import type { StateContract } from '../../../src/kafka/contracts/contract.js';
import { EVENT_LOG, type EventLog } from '../../../src/kafka/log/event-log.js';
import type { StateTable } from '../../../src/kafka/transport/state/state-table.js';
import { stateTableOf } from '../../../src/kafka/transport/tokens.js';
import { uniqueName } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';

/** An answer of the publish route. */
export interface PublishAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** What a test may change about a request. */
export interface PublishOptions {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string | null;
  readonly query?: string;
}

/**
 * A process with the module ingest alone. What the catalog and access would tell it is put into
 * its state tables.
 */
export class IngestApp {
  private versions = 0;

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly database: TestDatabase,
    private readonly adminKey: string,
  ) {}

  static async start(): Promise<IngestApp> {
    const database = await freshDatabase();
    const adminKey = `mr_${randomBytes(32).toString('base64url')}`;
    const app = await startApp({
      http: { host: '127.0.0.1', port: 0 },
      modules: ['ingest'],
      logLevel: 'fatal',
      dataDir: tmpdir(),
      adminKey,
      encryptionKey: Buffer.alloc(32, 7),
      databaseUrl: database.url,
      kafka: {
        brokers: [process.env['MILLRACE_TEST_KAFKA']!],
        ssl: false,
        prefix: `millrace.${database.name}.`,
      },
    });
    return new IngestApp(app, database, adminKey);
  }

  get port(): number {
    return Number(new URL(urlOf(this.app)).port);
  }

  async metrics(): Promise<string> {
    const headers = { authorization: `Bearer ${this.adminKey}` };
    return (await fetch(`${urlOf(this.app)}/metrics`, { headers })).text();
  }

  get log(): EventLog {
    return this.app.get<EventLog>(EVENT_LOG, { strict: false });
  }

  /** Makes a topic in Kafka and tells the process of it, as the catalog would. */
  async createTopic(rules: Partial<TopicState> = {}): Promise<TopicState> {
    const name = uniqueName('ingest');
    const { id } = await this.log.admin.createTopic({ name, partitions: 1 });
    const topic: TopicState = {
      uid: newUid(),
      name,
      kafkaTopicId: id,
      partitions: 1,
      managed: true,
      enforceSchemas: false,
      maxEventBytes: 1_000_000,
      createdAt: new Date().toISOString(),
      ...rules,
    };
    this.apply(topicsState, topic.uid, topic);
    return topic;
  }

  /** Registers a schema, or its next version when `former` is given. */
  putSchema(
    topic: TopicState,
    type: string,
    schema: SchemaState['schema'],
    former?: SchemaState,
  ): SchemaState {
    const state: SchemaState = {
      uid: former?.uid ?? newUid(),
      topicUid: topic.uid,
      topic: topic.name,
      type,
      version: (former?.version ?? 0) + 1,
      compatibility: 'NONE',
      schema,
    };
    this.apply(schemasState, state.uid, state);
    return state;
  }

  /** Makes a key, as access would. */
  createKey(rights: Partial<KeyState>): string {
    const key = `mr_${randomBytes(32).toString('base64url')}`;
    const uid = newUid();
    this.apply(keysState, uid, {
      uid,
      id: uniqueName('key'),
      hash: hashOf(key),
      scopes: ['publish'],
      topics: null,
      subscriptions: null,
      tenant: null,
      createdAt: new Date().toISOString(),
      ...rights,
    });
    return key;
  }

  /** Publishes a body whose length the request does not say. */
  async publishInChunks(topic: string, body: string): Promise<PublishAnswer> {
    return this.publish(topic, new Blob([body]).stream());
  }

  async publish(
    topic: string,
    body: string | Buffer | ReadableStream,
    options: PublishOptions = {},
  ): Promise<PublishAnswer> {
    const { type = 'application/json', headers = {}, key = this.adminKey, query = '' } = options;
    const url = `${urlOf(this.app)}/v1/topics/${topic}/events${query}`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': type,
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }

  /** What the topic holds, as text: key, headers and value of each record. */
  async stored(topic: string) {
    const reader = this.log.read({ topic, partition: 0, offset: 0 });
    const records = [];
    for (;;) {
      const slice = await reader.next({ maxWaitMs: 0 });
      records.push(...slice.records);
      if (slice.nextOffset >= slice.endOffset) break;
    }
    await reader.close();
    return records.map(({ key, value, headers }) => ({
      key: key?.toString() ?? null,
      value: value?.toString() ?? null,
      headers: Object.fromEntries(headers.map((header) => [header.name, header.value.toString()])),
    }));
  }

  async stop(): Promise<void> {
    await stopApp(this.app);
    await this.database.drop();
  }

  private apply<State>(contract: StateContract<State>, uid: string, state: State | null): void {
    this.versions += 1;
    const table = this.app.get<StateTable<State>>(stateTableOf(contract), { strict: false });
    table.apply({ uid, version: this.versions, state });
  }
}
