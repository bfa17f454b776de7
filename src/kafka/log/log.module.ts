import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { HealthRegistry } from '../../common/health/health-registry.js';
import { MetricsRegistry } from '../../common/metrics/metrics-registry.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { EVENT_LOG, type EventLog } from './event-log.js';
import { KafkaEventLog } from './kafka-event-log.js';
import { showLog } from './log-metrics.js';

/** Registers the log's health, and closes it last: answers under way may still wait for it. */
@Injectable()
class LogLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly health: HealthRegistry,
  ) {}

  onApplicationBootstrap(): void {
    this.health.register('kafka', () => this.log.health());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}

/** Provides EVENT_LOG, the process's one connection of the data plane to Kafka. */
@Global()
@Module({
  providers: [
    {
      provide: EVENT_LOG,
      inject: [SETTINGS, MetricsRegistry],
      useFactory: (settings: Settings, metrics: MetricsRegistry): EventLog => {
        const log = new KafkaEventLog(settings.kafka);
        showLog(metrics, log);
        return log;
      },
    },
    LogLifecycle,
  ],
  exports: [EVENT_LOG],
})
export class LogModule {}
