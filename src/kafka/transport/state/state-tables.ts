import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { HealthRegistry } from '../../../common/health/health-registry.js';
import type { StateContract } from '../../contracts/contract.js';
import { EVENT_LOG, type EventLog } from '../../log/event-log.js';
import { topicLogOf, type TopicLog } from '../follow/topic-log.js';
import { backOffMs } from '../server/back-off.js';
import { InternalTopicMisshapen } from '../transport.errors.js';
import { TransportCore } from '../transport-core.js';
import { FollowedTable } from './followed-table.js';

/** All state tables of the process: one per contract that somebody wants. */
@Injectable()
export class StateTables implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(StateTables.name);
  private readonly tables = new Map<string, FollowedTable<unknown>>();
  private readonly log: TopicLog;
  private readonly stopping = new AbortController();
  private starting: Promise<void> | undefined;

  constructor(
    private readonly core: TransportCore,
    @Inject(EVENT_LOG) log: EventLog,
    private readonly health: HealthRegistry,
  ) {
    this.log = topicLogOf(log);
  }

  /** The table of a contract, made when first asked for; before the application has started. */
  of<State>(contract: StateContract<State>): FollowedTable<State> {
    const found = this.tables.get(contract.name);
    if (found !== undefined) return found as FollowedTable<State>;
    const { names, signer, topics } = this.core;
    const topic = names.of(contract);
    const made = new FollowedTable(contract, topic, this.log, signer, () => {
      void topics.remake(topic, 'state');
    });
    this.tables.set(contract.name, made as FollowedTable<unknown>);
    return made;
  }

  /** Tables begin to fill; the process is not ready before all are complete. */
  onApplicationBootstrap(): void {
    this.start().catch((error: unknown) => this.logger.error(String(error)));
  }

  /**
   * Resolves when all tables are complete as of their start.
   * @throws InternalTopicMisshapen when a state topic cannot be worked with
   */
  complete(): Promise<void> {
    return this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.tables.values()].map((table) => table.stop()));
  }

  private start(): Promise<void> {
    this.starting ??= this.startAll();
    return this.starting;
  }

  private async startAll(): Promise<void> {
    for (const [name, table] of this.tables) {
      this.health.register(`state.${name}`, async () => table.health());
    }
    await Promise.all([...this.tables.values()].map((table) => this.startOne(table)));
  }

  private async startOne(table: FollowedTable<unknown>): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.core.topics.ensure(new Map([[this.core.names.of(table.contract), 'state']]));
        return await Promise.race([table.start(), aborted(signal)]);
      } catch (error) {
        if (error instanceof InternalTopicMisshapen) throw error;
        if (failures === 1) this.logger.warn(`${table.contract.name} waits: ${String(error)}`);
        await pause(backOffMs(failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
