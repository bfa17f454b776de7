import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import { parseJsonEvent } from '../../../events/codec/json-format.js';
import { EventError } from '../../../events/event.errors.js';
import {
  publishEvents,
  type JsonCloudEvent,
  type PublishedEvent,
} from '../../../kafka/contracts/ingest.contracts.js';
import { HandlesRequest } from '../../../kafka/transport/server/handles.decorators.js';
import { PublishEvents } from '../use-cases/publish-events.js';

const parse = (event: JsonCloudEvent, index: number): CloudEvent => {
  try {
    return parseJsonEvent(event);
  } catch (error) {
    throw error instanceof EventError ? error.inBatch(index) : error;
  }
};

/** The publish command, for programs that speak Kafka: always a batch. */
@Controller()
export class PublishHandler {
  constructor(private readonly publish: PublishEvents) {}

  @RequireScope('publish')
  @HandlesRequest(publishEvents)
  async handle(
    @Payload() command: { readonly topic: string; readonly events: readonly JsonCloudEvent[] },
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ readonly events: readonly PublishedEvent[] }> {
    const { topic } = command;
    const events = command.events.map(parse);
    return { events: await this.publish.execute({ topic, events, batch: true, principal }) };
  }
}
