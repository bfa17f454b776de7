import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { HealthRegistry } from '../../../common/health/health-registry.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import {
  defaultDeliveryLimits,
  DeliveryEngine,
  type DeliveryLimits,
} from '../../../delivery/engine/delivery-engine.js';
import { PostgresCheckpointStore } from '../../../delivery/persistence/postgres-checkpoint.store.js';
import { EVENT_LOG, type EventLog } from '../../../kafka/log/event-log.js';
import { StateTables } from '../../../kafka/transport/state/state-tables.js';
import { WebhookSender } from '../sending/webhook-sender.js';
import { DeliveryReports } from './delivery-reports.js';
import { WebhookDirectory } from './webhook-directory.js';
import { WebhookTargets } from './webhook-targets.js';

/** Nest injection token of the engine's bounds; tests have smaller ones. */
export const DELIVERY_LIMITS = Symbol('DeliveryLimits');

export const webhookDeliveryLimits: DeliveryLimits = defaultDeliveryLimits;

/** The delivery engine of webhooks, for as long as the process lives. */
@Injectable()
export class WebhookDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('WebhookDelivery');
  private readonly engine: DeliveryEngine;
  private ending = false;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(EVENT_LOG) eventLog: EventLog,
    @Inject(CLOCK) clock: Clock,
    @Inject(DELIVERY_LIMITS) limits: DeliveryLimits,
    private readonly tables: StateTables,
    private readonly health: HealthRegistry,
    private readonly sender: WebhookSender,
    store: PostgresCheckpointStore,
    subscriptions: WebhookDirectory,
    targets: WebhookTargets,
    reports: DeliveryReports,
  ) {
    this.engine = new DeliveryEngine({
      groupId: `${settings.kafka.prefix}webhooks.delivery`,
      eventLog,
      store,
      subscriptions,
      targets,
      listener: reports,
      clock,
      log: this.logger,
      limits,
    });
    reports.watch(this.engine);
  }

  /** Delivery begins once all subscriptions are known: for one that is not, the floor would pass. */
  onApplicationBootstrap(): void {
    this.health.register('webhooks.delivery', async () => {
      const { trouble } = this.engine;
      return trouble === undefined ? { ok: true } : { ok: false, detail: trouble };
    });
    this.begin().catch((error: unknown) => {
      this.logger.error(`Delivery does not begin: ${String(error)}`);
    });
  }

  /** Exceptions were asked to be sent again. */
  wake(): void {
    this.engine.wake();
  }

  private async begin(): Promise<void> {
    await this.tables.complete();
    if (!this.ending) this.engine.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.ending = true;
    await this.engine.stop();
    await this.sender.close();
  }
}
