import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import {
  putTopic,
  type TopicInput,
  type TopicState,
} from '../../../kafka/contracts/catalog.contracts.js';
import { HandlesRequest } from '../../../kafka/transport/server/handles.decorators.js';
import { topicStateOf } from '../domain/topic.js';
import { PutTopic } from '../use-cases/put-topic.js';

/** Commands about topics over Kafka. */
@Controller()
export class TopicCommands {
  constructor(private readonly useCase: PutTopic) {}

  @HandlesRequest(putTopic)
  @RequireScope('manage')
  async put(
    @CurrentPrincipal() principal: Principal,
    @Payload() command: { readonly name: string; readonly topic: TopicInput },
  ): Promise<TopicState> {
    const { topic } = await this.useCase.execute(principal, command.name, command.topic);
    return topicStateOf(topic);
  }
}
