import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';

import { stopApp } from '../../../src/app.js';
import { AppModule } from '../../../src/app.module.js';
import { configureHttp } from '../../../src/common/http/configure-http.js';
import { httpAdapter } from '../../../src/common/http/http-adapter.js';
import { newUid } from '../../../src/common/ids.js';
import { Sealer } from '../../../src/common/sealing/sealer.js';
import {
  defaultDeliveryLimits,
  type DeliveryLimits,
} from '../../../src/delivery/engine/delivery-engine.js';
import { toRecord } from '../../../src/events/codec/kafka-binding.js';
import { EventData } from '../../../src/events/event-data.js';
import {
  subscriptionsState,
  type SubscriptionState,
} from '../../../src/kafka/contracts/subscriptions.contracts.js';
import type { WebhookSettings } from '../../../src/kafka/contracts/webhook-settings.js';
import { EVENT_LOG, type EventLog } from '../../../src/kafka/log/event-log.js';
import {
  connectTransports,
  startTransports,
} from '../../../src/kafka/transport/connect-transports.js';
import type { StateTable } from '../../../src/kafka/transport/state/state-table.js';
import { stateTableOf } from '../../../src/kafka/transport/tokens.js';
import { DELIVERY_LIMITS } from '../../../src/modules/webhooks/delivery/webhook-delivery.js';
// Loaded here in one piece: Jest's loader cannot import two modules' graphs at the same time.
import '../../../src/modules/webhooks/webhooks.module.js';
import { ApplicationLogger } from '../../../src/platform/application-logger.js';
import { uniqueName } from '../../support/client.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { keyOf } from '../../support/labelled-receiver.js';

const ENCRYPTION_KEY = Buffer.alloc(32, 7);

/** Where the processes of one test meet. */
export interface TestBed {
  readonly database: TestDatabase;
  readonly prefix: string;
  readonly broker: string;
}

/** A database and a prefix of internal topics of the test's own; the shared broker unless told. */
export async function testBed(broker = process.env['MILLRACE_TEST_KAFKA']!): Promise<TestBed> {
  const database = await freshDatabase();
  return { database, prefix: `millrace.${database.name}.`, broker };
}

/** A subscription's state, as its owner would publish it. */
export function webhookState(
  topic: { readonly name: string; readonly id: string },
  url: string,
  webhook: Partial<WebhookSettings> = {},
  more: Partial<SubscriptionState> = {},
): SubscriptionState {
  const uid = newUid();
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const now = new Date().toISOString();
  return {
    uid,
    id: uniqueName('webhook'),
    topic: topic.name,
    topicUid: newUid(),
    kafkaTopicId: topic.id,
    kind: 'webhook',
    tenant: null,
    start: {},
    filters: [{ number: 1, from: {}, filter: null }],
    webhook: {
      url,
      ordering: 'none',
      maxInFlight: 16,
      timeoutSeconds: 15,
      retry: { scheduleSeconds: Array.from({ length: 30 }, () => 1), jitter: 0 },
      payload: 'standard',
      sealedHeaders: null,
      secrets: [{ sealed: new Sealer(ENCRYPTION_KEY).seal(secret, uid), expiresAt: null }],
      ...webhook,
    },
    status: 'active',
    reason: null,
    since: now,
    createdAt: now,
    ...more,
  };
}

/** What differs from one test's process to another's. */
export interface WebhooksAppOptions {
  readonly limits?: Partial<DeliveryLimits>;
  readonly allowCidrs?: readonly string[];
}

/**
 * A process with only the module webhooks. What subscriptions would tell it is put into its state
 * table; events go straight into the log.
 */
export class WebhooksApp {
  private versions = 0;

  private constructor(private readonly app: NestFastifyApplication) {}

  static async start(
    { database, prefix, broker }: TestBed,
    { limits = {}, allowCidrs = ['127.0.0.0/8'] }: WebhooksAppOptions = {},
  ): Promise<WebhooksApp> {
    const logLevel = (process.env['MILLRACE_TEST_LOG_LEVEL'] as 'info' | undefined) ?? 'fatal';
    const root = await AppModule.compose({
      http: { host: '127.0.0.1', port: 0 },
      modules: ['webhooks'],
      logLevel,
      dataDir: tmpdir(),
      adminKey: `mr_${randomBytes(32).toString('base64url')}`,
      encryptionKey: ENCRYPTION_KEY,
      databaseUrl: database.url,
      kafka: { brokers: [broker], ssl: false, prefix },
      webhookAllowCidrs: allowCidrs,
    });
    const testing = await Test.createTestingModule({ imports: [root] })
      .overrideProvider(DELIVERY_LIMITS)
      .useValue({ ...defaultDeliveryLimits, ...limits })
      .setLogger(new ApplicationLogger(logLevel))
      .compile();
    const app = testing.createNestApplication<NestFastifyApplication>(httpAdapter());
    configureHttp(app);
    connectTransports(app);
    await app.init();
    await startTransports(app);
    return new WebhooksApp(app);
  }

  get log(): EventLog {
    return this.app.get<EventLog>(EVENT_LOG, { strict: false });
  }

  /** A provider of the application. */
  get<Provided>(token: abstract new (...args: never[]) => Provided): Provided {
    return this.app.get<Provided>(token, { strict: false });
  }

  /** Makes a topic in Kafka. */
  createTopic(partitions: number, name = uniqueName('webhooks')) {
    return this.log.admin.createTopic({ name, partitions });
  }

  /** Tells the process of a subscription; null: that it was deleted. */
  know(uid: string, state: SubscriptionState | null): void {
    this.versions += 1;
    const token = stateTableOf(subscriptionsState);
    const table = this.app.get<StateTable<SubscriptionState>>(token, { strict: false });
    table.apply({ uid, version: this.versions, state });
  }

  /** Stores events whose data is their label, in order; one without a key says so by `-`. */
  async publish(topic: string, labels: readonly string[], partition?: number): Promise<void> {
    const records = labels.map((label) => ({
      ...toRecord({
        specversion: '1.0',
        id: label,
        source: '/test',
        type: 'test',
        partitionkey: keyOf(label) === '-' ? undefined : keyOf(label),
        datacontenttype: 'application/json',
        data: EventData.json(label),
        extensions: {},
      }),
      partition,
    }));
    for (const place of await this.log.publisher.publish(topic, records))
      if (place instanceof Error) throw place;
  }

  stop(): Promise<void> {
    return stopApp(this.app);
  }
}
