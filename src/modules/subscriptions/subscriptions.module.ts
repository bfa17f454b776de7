import { Module } from '@nestjs/common';

import { DatabaseModule } from '../../database/database.module.js';
import { subscriptionsState } from '../../kafka/contracts/subscriptions.contracts.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { stateSourceOf } from '../../kafka/transport/tokens.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { SubscriptionActionsController } from './http/subscription-actions.controller.js';
import { SubscriptionsController } from './http/subscriptions.controller.js';
import { SubscriptionsHandlers } from './kafka/subscriptions.handlers.js';
import { DeletedTopics } from './persistence/deleted-topics.js';
import { CreateSubscriptions1795400000000 } from './persistence/migrations/1795400000000-create-subscriptions.js';
import { SubscriptionStateSource } from './persistence/subscription-state.source.js';
import { SubscriptionEntity } from './persistence/subscription.entity.js';
import { SubscriptionStore } from './persistence/subscription.store.js';
import { BreakSubscriptions } from './use-cases/break-subscriptions.js';
import { ChangeSubscription } from './use-cases/change-subscription.js';
import { CountSubscriptions } from './use-cases/count-subscriptions.js';
import { CreateSubscription } from './use-cases/create-subscription.js';
import { DeleteSubscription } from './use-cases/delete-subscription.js';
import { EnableSubscription } from './use-cases/enable-subscription.js';
import { GetStats } from './use-cases/get-stats.js';
import { GetSubscription } from './use-cases/get-subscription.js';
import { ListGaps } from './use-cases/list-gaps.js';
import { ListSubscriptions } from './use-cases/list-subscriptions.js';
import { LogPositions } from './use-cases/log-positions.js';
import { PatchSubscription } from './use-cases/patch-subscription.js';
import { PauseSubscription } from './use-cases/pause-subscription.js';
import { PutSubscription } from './use-cases/put-subscription.js';
import { ResumeSubscription } from './use-cases/resume-subscription.js';
import { SubscriptionTransition } from './use-cases/subscription-transition.js';
import { SubscriptionWriter } from './use-cases/subscription-writer.js';

const useCases = [
  BreakSubscriptions,
  ChangeSubscription,
  CountSubscriptions,
  CreateSubscription,
  DeleteSubscription,
  EnableSubscription,
  GetStats,
  GetSubscription,
  ListGaps,
  ListSubscriptions,
  PatchSubscription,
  PauseSubscription,
  PutSubscription,
  ResumeSubscription,
];

/** Definitions of subscriptions and their lifecycle. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'subscriptions',
      entities: [SubscriptionEntity],
      migrations: [...transportMigrations, CreateSubscriptions1795400000000],
    }),
    TransportModule.forModule({ module: 'subscriptions', sendsRequests: true }),
  ],
  controllers: [SubscriptionsController, SubscriptionActionsController, SubscriptionsHandlers],
  providers: [
    ...useCases,
    DeletedTopics,
    LogPositions,
    SubscriptionStore,
    SubscriptionTransition,
    SubscriptionWriter,
    SubscriptionStateSource,
    { provide: stateSourceOf(subscriptionsState), useExisting: SubscriptionStateSource },
  ],
})
export class SubscriptionsModule {}
