import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock.js';
import { AddressGuard } from '../../common/net/address-guard.js';
import { Sealer } from '../../common/sealing/sealer.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { DatabaseModule } from '../../database/database.module.js';
import { deliveryMigrations } from '../../delivery/persistence/delivery-migrations.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { DeliveryReports } from './delivery/delivery-reports.js';
import {
  DELIVERY_LIMITS,
  WebhookDelivery,
  webhookDeliveryLimits,
} from './delivery/webhook-delivery.js';
import { WebhookDirectory } from './delivery/webhook-directory.js';
import { WebhookTargets } from './delivery/webhook-targets.js';
import { WebhooksHandlers } from './kafka/webhooks.handlers.js';
import { deliveryStores } from './persistence/delivery-stores.js';
import { ExceptionSweep } from './persistence/exception-sweep.js';
import { WebhookSender } from './sending/webhook-sender.js';
import { DeleteDeadLetter } from './use-cases/delete-dead-letter.js';
import { DisableEndpoint } from './use-cases/disable-endpoint.js';
import { ForgetSubscription } from './use-cases/forget-subscription.js';
import { GetDeadLetter } from './use-cases/get-dead-letter.js';
import { GetOperation } from './use-cases/get-operation.js';
import { GetWebhookStats } from './use-cases/get-webhook-stats.js';
import { ListDeadLetters } from './use-cases/list-dead-letters.js';
import { ListWebhookGaps } from './use-cases/list-webhook-gaps.js';
import { RedriveDeadLetters } from './use-cases/redrive-dead-letters.js';
import { ResendEvents } from './use-cases/resend-events.js';
import { SendTest } from './use-cases/send-test.js';
import { SweepRows } from './use-cases/sweep-rows.js';

const useCases = [
  DeleteDeadLetter,
  DisableEndpoint,
  ForgetSubscription,
  GetDeadLetter,
  GetOperation,
  GetWebhookStats,
  ListDeadLetters,
  ListWebhookGaps,
  RedriveDeadLetters,
  ResendEvents,
  SendTest,
  SweepRows,
];

/** Subscriptions of kind `webhook`: each event is sent to an endpoint, signed, until it is taken. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'webhooks',
      entities: [],
      migrations: [...transportMigrations, ...deliveryMigrations],
    }),
    TransportModule.forModule({ module: 'webhooks' }),
  ],
  controllers: [WebhooksHandlers],
  providers: [
    ...useCases,
    ...deliveryStores,
    { provide: DELIVERY_LIMITS, useValue: webhookDeliveryLimits },
    {
      provide: WebhookSender,
      inject: [SETTINGS, CLOCK],
      useFactory: ({ webhookAllowCidrs = [] }: Settings, clock: Clock) =>
        new WebhookSender(new AddressGuard(webhookAllowCidrs), clock),
    },
    {
      provide: Sealer,
      inject: [SETTINGS],
      useFactory: ({ encryptionKey }: Settings) => new Sealer(encryptionKey),
    },
    DeliveryReports,
    ExceptionSweep,
    WebhookDelivery,
    WebhookDirectory,
    WebhookTargets,
  ],
})
export class WebhooksModule {}
