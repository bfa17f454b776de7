import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { statesWithSource, stateSourceOf } from '../tokens.js';
import { TransportCore } from '../transport-core.js';
import { TransportRegistry } from '../transport-registry.js';
import { StateReconciler } from './state-reconciler.js';
import type { StateSource } from './state-source.js';
import { StateTables } from './state-tables.js';
import type { StateContract } from '../../contracts/contract.js';
import type { FollowedTable } from './followed-table.js';

const LOOK_EVERY_MS = 5_000;
const COMPARE_EVERY_MS = 300_000;

/** One state topic that is compared with its owner's database from time to time. */
interface Compared {
  readonly table: FollowedTable<unknown>;
  readonly reconciler: StateReconciler<unknown>;
  comparedAt: number;
}

/**
 * Compares the state topics of this process's modules with their databases: at the start, every
 * five minutes, and a few seconds after a record came that must not stay the last of its key.
 */
@Injectable()
export class Reconciliation implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Reconciliation.name);
  private compared: readonly Compared[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private busy = false;

  constructor(
    private readonly core: TransportCore,
    private readonly registry: TransportRegistry,
    private readonly tables: StateTables,
    private readonly modules: ModuleRef,
  ) {}

  onApplicationBootstrap(): void {
    this.compared = statesWithSource().flatMap((contract) => this.comparedState(contract));
    // That they cannot be completed is told to whoever starts the process.
    void this.tables.complete().then(
      () => this.look(),
      () => undefined,
    );
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Compares everything now. Resolves when done; failures are logged. */
  async compareAll(): Promise<void> {
    for (const each of this.compared) await this.compare(each);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.compared = [];
    await this.running;
  }

  private comparedState(contract: StateContract<unknown>): readonly Compared[] {
    const transport = this.registry.find(contract.owner);
    if (transport === undefined) return [];
    const source = this.modules.get<StateSource<unknown>>(stateSourceOf(contract), {
      strict: false,
    });
    const table = this.tables.of(contract);
    const { names, messages } = this.core;
    const { dataSource } = transport;
    const reconciler = new StateReconciler({ table, source, dataSource, names, messages });
    return [{ table, reconciler, comparedAt: Number.NEGATIVE_INFINITY }];
  }

  private look(): void {
    if (this.busy) return;
    this.busy = true;
    this.running = this.compareDue().finally(() => (this.busy = false));
  }

  private async compareDue(): Promise<void> {
    for (const each of this.compared) {
      const due = performance.now() - each.comparedAt > COMPARE_EVERY_MS;
      if (each.table.isComplete && (due || each.table.table.displaced.size > 0)) {
        await this.compare(each);
      }
    }
  }

  private async compare(each: Compared): Promise<void> {
    const { contract } = each.table;
    try {
      const published = await each.reconciler.run();
      each.comparedAt = performance.now();
      if (published === 0) return;
      this.logger.log(`${contract.name}: published ${published} states that the topic lacked`);
      this.registry.find(contract.owner)?.wakeRelay();
    } catch (error) {
      this.logger.warn(`${contract.name} could not be compared: ${String(error)}`);
    }
  }
}
