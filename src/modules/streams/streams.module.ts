import { Module } from '@nestjs/common';

import { DatabaseModule } from '../../database/database.module.js';
import { transportMigrations } from '../../kafka/transport/persistence/transport-migrations.js';
import { TransportModule } from '../../kafka/transport/transport.module.js';
import { LookController } from './http/look.controller.js';
import { StreamsController } from './http/streams.controller.js';
import { StreamsHandlers } from './kafka/streams.handlers.js';
import { GapStore } from './persistence/gap.store.js';
import { InstanceStore } from './persistence/instance.store.js';
import { LeaseStore } from './persistence/lease.store.js';
import { CreateStreams1795400000000 } from './persistence/migrations/1795400000000-create-streams.js';
import { PositionStore } from './persistence/position.store.js';
import { LeaseKeeper } from './reading/lease-keeper.js';
import { LeaseProof } from './reading/lease-proof.js';
import { LookStart } from './reading/look-start.js';
import { Readers } from './reading/readers.js';
import { StreamDirectory } from './reading/stream-directory.js';
import { defaultStreamLimits, STREAM_LIMITS } from './reading/stream-limits.js';
import { TopicWatch } from './reading/topic-watch.js';
import { CommitCursor } from './use-cases/commit-cursor.js';
import { ForgetSubscription } from './use-cases/forget-subscription.js';
import { GetEvent } from './use-cases/get-event.js';
import { GetStreamStats } from './use-cases/get-stream-stats.js';
import { ListStreamGaps } from './use-cases/list-stream-gaps.js';
import { LookAtEvents } from './use-cases/look-at-events.js';
import { OpenReader } from './use-cases/open-reader.js';
import { PollEvents } from './use-cases/poll-events.js';

/** Subscriptions of kind `stream`: read where the connection is. */
@Module({
  imports: [
    DatabaseModule.forModule({
      module: 'streams',
      entities: [],
      migrations: [...transportMigrations, CreateStreams1795400000000],
    }),
    TransportModule.forModule({ module: 'streams' }),
  ],
  controllers: [StreamsController, LookController, StreamsHandlers],
  providers: [
    { provide: STREAM_LIMITS, useValue: defaultStreamLimits },
    CommitCursor,
    ForgetSubscription,
    GapStore,
    GetEvent,
    GetStreamStats,
    InstanceStore,
    LeaseKeeper,
    LeaseProof,
    LeaseStore,
    ListStreamGaps,
    LookAtEvents,
    LookStart,
    OpenReader,
    PollEvents,
    PositionStore,
    Readers,
    StreamDirectory,
    TopicWatch,
  ],
})
export class StreamsModule {}
