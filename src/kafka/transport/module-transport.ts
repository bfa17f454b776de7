import type { DataSource } from 'typeorm';
import type { HealthState } from '../../common/health/health-registry.js';
import type { ModuleName } from '../contracts/module-names.js';
import { RequestChannel } from './client/request-channel.js';
import { RequestClient } from './client/request-client.js';
import { RecordSender } from './connection/record-sender.js';
import { DeadLetterLog } from './dead-letters/dead-letter-log.js';
import { DeadLetterWriter } from './dead-letters/dead-letter-writer.js';
import type { TopicLog } from './follow/topic-log.js';
import { AttemptLog } from './inbox/attempt-log.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { UnitOfWork } from './outbox/unit-of-work.js';
import { pruneTables } from './persistence/prune-tables.js';
import { EventProcessor } from './server/event-processor.js';
import { ModuleServer } from './server/module-server.js';
import { ReplySender } from './server/reply-sender.js';
import { RequestProcessor } from './server/request-processor.js';
import type { TransportCore } from './transport-core.js';

const PRUNE_EVERY_MS = 600_000;

/** What a module's transport is made of. */
export interface ModuleTransportParts {
  readonly module: ModuleName;
  readonly core: TransportCore;
  readonly dataSource: DataSource;
  readonly log: TopicLog;
  readonly sendsRequests: boolean;
  /** Ends all transports of the process in order; Nest asks for it through any of the servers. */
  readonly closeAll: () => Promise<void>;
}

/** A module's server, outbox, inbox, client and dead letters, put together; and their life. */
export class ModuleTransport {
  readonly unitOfWork: UnitOfWork;
  readonly server: ModuleServer;
  readonly events: EventProcessor;
  readonly deadLetters: DeadLetterLog;
  private readonly relay: OutboxRelay;
  private readonly sender: RecordSender;
  private readonly channel: RequestChannel | undefined;
  private pruneTimer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ModuleTransportParts) {
    const { module, core, dataSource, log } = parts;
    const { kafka, names, topics, signer, metrics } = core;
    metrics.outboxes.watch(module, dataSource);
    this.sender = new RecordSender(kafka, 'plain');
    this.relay = new OutboxRelay({
      module,
      dataSource,
      sender: new RecordSender(kafka, 'idempotent'),
      topics,
      purposeOf: (topic) => names.purposeOf(topic),
    });
    this.unitOfWork = new UnitOfWork(dataSource, core.messages, this.relay);
    this.deadLetters = new DeadLetterLog(names.deadLetters(module), log, dataSource);
    const writer = new DeadLetterWriter(names.deadLetters(module), module, topics, this.sender);
    this.events = new EventProcessor({
      unitOfWork: this.unitOfWork,
      deadLetters: writer,
      attempts: new AttemptLog(dataSource),
      count: (contract, outcome) => metrics.countEvent(module, contract, outcome),
    });
    this.server = new ModuleServer({
      module,
      core,
      events: this.events,
      requests: new RequestProcessor(new ReplySender(this.sender), signer),
      startSending: () => this.start(),
      closeAll: parts.closeAll,
    });
    this.channel = parts.sendsRequests
      ? new RequestChannel({ module, names, topics, signer, metrics, sender: this.sender, log })
      : undefined;
  }

  get module(): ModuleName {
    return this.parts.module;
  }

  get dataSource(): DataSource {
    return this.parts.dataSource;
  }

  /** Something was put into the outbox outside of a unit of work. */
  wakeRelay(): void {
    this.relay.wake();
  }

  /** @throws Error when the module was imported without `sendsRequests` */
  get requestClient(): RequestClient {
    if (this.channel === undefined) {
      throw new Error(`${this.module} has no reply topic: import its transport with sendsRequests`);
    }
    return new RequestClient(this.channel);
  }

  private start(): void {
    this.relay.start();
    this.channel?.start();
    this.pruneTimer = setInterval(() => void pruneTables(this.parts.dataSource), PRUNE_EVERY_MS);
    this.pruneTimer.unref();
  }

  health(): HealthState {
    const states = [this.server.health(), this.relay.health(), this.channel?.health()];
    return states.find((state) => state?.ok === false) ?? { ok: true };
  }

  /** Takes no more messages, finishes those in hand and commits them. Sending still works. */
  drain(): Promise<void> {
    return this.server.drain();
  }

  /** After draining: flushes the outbox, then disconnects. */
  async close(): Promise<void> {
    clearInterval(this.pruneTimer);
    await this.relay.stop();
    await this.channel?.stop();
    await this.sender.close();
  }
}
