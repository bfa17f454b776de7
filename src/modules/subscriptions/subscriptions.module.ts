import { Module, type Provider } from '@nestjs/common';

import { AddressGuard } from '../../common/net/address-guard.js';
import { Sealer } from '../../common/sealing/sealer.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { DatabaseModule } from '../../database/database.module.js';
import { subscriptionsState } from '../../kafka/contracts/subscriptions.contracts.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { stateSourceOf } from '../../kafka/transport/tokens.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { SubscriptionDeadLettersController } from './http/dead-letters.controller.js';
import { DeliveriesController } from './http/deliveries.controller.js';
import { OperationsController } from './http/operations.controller.js';
import { SecretsController } from './http/secrets.controller.js';
import { SubscriptionActionsController } from './http/subscription-actions.controller.js';
import { SubscriptionViews } from './http/subscription-views.js';
import { SubscriptionsController } from './http/subscriptions.controller.js';
import { SubscriptionsHandlers } from './kafka/subscriptions.handlers.js';
import { DeletedTopics } from './persistence/deleted-topics.js';
import { CreateSubscriptions1795400000000 } from './persistence/migrations/1795400000000-create-subscriptions.js';
import { AddWebhook1795824000000 } from './persistence/migrations/1795824000000-add-webhook.js';
import { SubscriptionStateSource } from './persistence/subscription-state.source.js';
import { SubscriptionEntity } from './persistence/subscription.entity.js';
import { SubscriptionStore } from './persistence/subscription.store.js';
import { BreakSubscriptions } from './use-cases/break-subscriptions.js';
import { ChangeSubscription } from './use-cases/change-subscription.js';
import { CountSubscriptions } from './use-cases/count-subscriptions.js';
import { CreateSubscription } from './use-cases/create-subscription.js';
import { DeleteDeadLetter } from './use-cases/delete-dead-letter.js';
import { DeleteSubscription } from './use-cases/delete-subscription.js';
import { DisableSubscription } from './use-cases/disable-subscription.js';
import { EnableSubscription } from './use-cases/enable-subscription.js';
import { GetDeadLetter } from './use-cases/get-dead-letter.js';
import { GetOperation } from './use-cases/get-operation.js';
import { GetSecrets } from './use-cases/get-secrets.js';
import { GetStats } from './use-cases/get-stats.js';
import { GetSubscription } from './use-cases/get-subscription.js';
import { ListDeadLetters } from './use-cases/list-dead-letters.js';
import { ListGaps } from './use-cases/list-gaps.js';
import { ListSubscriptions } from './use-cases/list-subscriptions.js';
import { LogPositions } from './use-cases/log-positions.js';
import { PatchSubscription } from './use-cases/patch-subscription.js';
import { PauseSubscription } from './use-cases/pause-subscription.js';
import { PutSubscription } from './use-cases/put-subscription.js';
import { RedriveDeadLetters } from './use-cases/redrive-dead-letters.js';
import { ResendEvents } from './use-cases/resend-events.js';
import { ResumeSubscription } from './use-cases/resume-subscription.js';
import { RotateSecret } from './use-cases/rotate-secret.js';
import { SubscriptionTransition } from './use-cases/subscription-transition.js';
import { SubscriptionWriter } from './use-cases/subscription-writer.js';
import { TestWebhook } from './use-cases/test-webhook.js';
import { WebhookDefinitions } from './use-cases/webhook-definitions.js';
import { WebhookDestinations } from './use-cases/webhook-destinations.js';
import { WebhookSealing } from './use-cases/webhook-sealing.js';
import { WaysOut } from './use-cases/ways-out/ways-out.js';

const useCases = [
  BreakSubscriptions,
  ChangeSubscription,
  CountSubscriptions,
  CreateSubscription,
  DeleteDeadLetter,
  DeleteSubscription,
  DisableSubscription,
  EnableSubscription,
  GetDeadLetter,
  GetOperation,
  GetSecrets,
  GetStats,
  GetSubscription,
  ListDeadLetters,
  ListGaps,
  ListSubscriptions,
  PatchSubscription,
  PauseSubscription,
  PutSubscription,
  RedriveDeadLetters,
  ResendEvents,
  ResumeSubscription,
  RotateSecret,
  TestWebhook,
];

/** Libraries that are made from settings. */
const fromSettings: Provider[] = [
  {
    provide: AddressGuard,
    useFactory: ({ webhookAllowCidrs }: Settings) => new AddressGuard(webhookAllowCidrs),
    inject: [SETTINGS],
  },
  {
    provide: Sealer,
    useFactory: ({ encryptionKey }: Settings) => new Sealer(encryptionKey),
    inject: [SETTINGS],
  },
];

/** Definitions of subscriptions and their lifecycle. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'subscriptions',
      entities: [SubscriptionEntity],
      migrations: [
        ...transportMigrations,
        CreateSubscriptions1795400000000,
        AddWebhook1795824000000,
      ],
    }),
    TransportModule.forModule({ module: 'subscriptions', sendsRequests: true }),
  ],
  controllers: [
    SubscriptionsController,
    SubscriptionActionsController,
    SecretsController,
    SubscriptionDeadLettersController,
    DeliveriesController,
    OperationsController,
    SubscriptionsHandlers,
  ],
  providers: [
    ...useCases,
    ...fromSettings,
    DeletedTopics,
    LogPositions,
    SubscriptionStore,
    SubscriptionTransition,
    SubscriptionViews,
    SubscriptionWriter,
    SubscriptionStateSource,
    WaysOut,
    WebhookDefinitions,
    WebhookDestinations,
    WebhookSealing,
    { provide: stateSourceOf(subscriptionsState), useExisting: SubscriptionStateSource },
  ],
})
export class SubscriptionsModule {}
