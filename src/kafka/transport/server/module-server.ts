import { Server } from '@nestjs/microservices';
import type { MessageHandler } from '@nestjs/microservices';
import type { HealthState } from '../../../common/health/health-registry.js';
import type { EventContract, RequestContract } from '../../contracts/contract.js';
import { allContracts } from '../../contracts/index.js';
import type { ModuleName } from '../../contracts/module-names.js';
import type { TopicPurpose } from '../connection/internal-topics.js';
import { transportIdOf } from '../tokens.js';
import type { TransportCore } from '../transport-core.js';
import type { ConsumedRecord, Handling } from './consumed-record.js';
import type { EventProcessor, EventRoute } from './event-processor.js';
import { GroupConsumer, type ConsumerStatus } from './group-consumer.js';
import { CONTRACT_EXTRA } from './handles.decorators.js';
import type { RequestProcessor } from './request-processor.js';

const USUALLY_JOINED_WITHIN_MS = 1_000;
const REQUESTS_AT_ONCE = 16;

/** What a module's server works with. */
export interface ServerParts {
  readonly module: ModuleName;
  readonly core: TransportCore;
  readonly events: EventProcessor;
  readonly requests: RequestProcessor;
  /** Begins to relay and to receive replies; before the consumer starts. */
  readonly startSending: () => void;
  readonly closeAll: () => Promise<void>;
}

type Route = EventContract<unknown> | RequestContract<unknown, unknown>;

/**
 * A module's Nest server on Kafka, with a transport id and a consumer group of its own. It is
 * Nest's Server base with Millrace's consumer: ServerKafka handles one message at a time over all
 * its topics, redelivers a failing one for ever, and commits in its own way.
 */
export class ModuleServer extends Server<never, ConsumerStatus> {
  override readonly propagatesEventHandlerErrors = true;
  override readonly transportId: symbol;
  private readonly routes = new Map<string, { contract: Route; handler: MessageHandler }>();
  private consumer: GroupConsumer | undefined;
  private draining: Promise<void> | undefined;

  constructor(private readonly parts: ServerParts) {
    super();
    this.transportId = transportIdOf(parts.module);
  }

  /** Called by Nest for each decorated method. One method per contract, of the contract's kind. */
  override addHandler(
    pattern: unknown,
    handler: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const contract = extras[CONTRACT_EXTRA] as Route | undefined;
    const { module, core } = this.parts;
    if (contract === undefined) {
      throw new Error(`${module}: ${String(pattern)} is handled without a contract`);
    }
    const topic = core.names.of(contract);
    if (this.routes.has(topic)) {
      throw new Error(`${module} has two handlers of ${contract.name}: one would undo the other`);
    }
    super.addHandler(pattern, handler, isEventHandler, extras);
    this.routes.set(topic, { contract, handler });
  }

  /**
   * Called by Nest at the start. It waits for the group as long as joining usually takes, and not as
   * long as a group may keep the partitions of a killed process: messages wait in Kafka meanwhile,
   * /readyz tells, and REST works without them.
   */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    this.parts.startSending();
    if (this.routes.size > 0) {
      this.consumer = this.createConsumer();
      this.consumer.start();
      await this.consumer.joined(USUALLY_JOINED_WITHIN_MS);
    }
    callback();
  }

  /** Called by Nest after HTTP has ended and before the databases do. */
  close(): Promise<void> {
    return this.parts.closeAll();
  }

  drain(): Promise<void> {
    this.draining ??= this.consumer?.stop() ?? Promise.resolve();
    return this.draining;
  }

  health(): HealthState {
    if (this.routes.size === 0) return { ok: true };
    return this.consumer?.health() ?? { ok: false, detail: 'Not started.' };
  }

  override on(): never {
    throw new Error('Listen to `status` instead.');
  }

  override unwrap<T>(): T {
    return this.consumer as T;
  }

  /** The handler of an event, for redriving its dead letters. */
  eventRoute(contractName: string): EventRoute | undefined {
    for (const { contract, handler } of this.routes.values()) {
      if (contract.name === contractName && contract.kind === 'event') return { contract, handler };
    }
    return undefined;
  }

  private createConsumer(): GroupConsumer {
    const { core, module } = this.parts;
    const topics = [...this.routes.keys()];
    const purposes = new Map<string, TopicPurpose>(
      [...topics, ...this.publishedTopics()].map((topic) => [topic, 'messages']),
    );
    return new GroupConsumer({
      kafka: core.kafka,
      groupId: core.names.group(module),
      topics,
      concurrencyOf: (topic) =>
        this.routes.get(topic)?.contract.kind === 'request' ? REQUESTS_AT_ONCE : 1,
      handle: (record, handling) => this.dispatch(record, handling),
      prepare: () => {
        // A crash may mean that somebody deleted a topic.
        core.topics.forget(topics);
        return core.topics.ensure(purposes);
      },
      onStatus: (status) => this._status$.next(status),
    });
  }

  /** Topics of the module's own events: another program can listen before the first one happens. */
  private publishedTopics(): readonly string[] {
    const { core, module } = this.parts;
    return allContracts
      .filter(({ kind, owner }) => kind === 'event' && owner === module)
      .map((contract) => core.names.of(contract));
  }

  private async dispatch(record: ConsumedRecord, handling: Handling): Promise<void> {
    const route = this.routes.get(record.topic);
    if (route === undefined) return;
    const { contract, handler } = route;
    if (contract.kind === 'event') {
      await this.parts.events.process({ contract, handler }, record, handling);
    } else {
      await this.parts.requests.process({ contract, handler }, record);
    }
  }
}
