import { Global, Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ListDeadLetters } from './dead-letters/list-dead-letters.js';
import { RedriveDeadLetters } from './dead-letters/redrive-dead-letters.js';
import { TransportMetrics } from './metrics/transport-metrics.js';
import { TransportCore } from './transport-core.js';
import { TransportRegistry } from './transport-registry.js';

/** The part of the transport that a process has once, however many modules it runs. */
@Global()
@Module({
  controllers: [DeadLettersController],
  providers: [
    TransportMetrics,
    TransportCore,
    TransportRegistry,
    ListDeadLetters,
    RedriveDeadLetters,
  ],
  exports: [TransportCore, TransportRegistry],
})
export class TransportCoreModule {}
