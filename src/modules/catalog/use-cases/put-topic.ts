import { Inject, Injectable } from '@nestjs/common';

import { requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { requireIfMatch } from '../../../common/etag.js';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import type { TopicInput } from '../../../kafka/contracts/catalog.contracts.js';
import { CatalogReadOnly } from '../domain/catalog.errors.js';
import { requireTopicName } from '../domain/topic-name.js';
import type { Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { ChangeTopic } from './change-topic.js';
import { CreateTopic } from './create-topic.js';
import { TopicIntents } from './topic-intents.js';

/** A topic after PUT, and whether it is new in the catalog. */
export interface PutTopicResult {
  readonly topic: Topic;
  readonly created: boolean;
}

/** Makes, adopts or changes a topic; repeating it changes nothing. */
@Injectable()
export class PutTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly intents: TopicIntents,
    private readonly createTopic: CreateTopic,
    private readonly changeTopic: ChangeTopic,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @throws CatalogError, AuthError, LogError, PreconditionFailed */
  async execute(
    principal: Principal,
    name: string,
    input: TopicInput,
    ifMatch?: string,
  ): Promise<PutTopicResult> {
    requireTopicName(name, this.settings.kafka.prefix);
    requireTopic(principal, name);
    if (principal.tenant !== null) throw new CatalogReadOnly();
    const found = await this.topics.find(name);
    const active = found && (await this.intents.finish(found));
    if (active === undefined) {
      requireIfMatch(ifMatch, undefined);
      return { topic: await this.createTopic.execute(name, input), created: true };
    }
    const topic = await this.changeTopic.execute(active.uid, input, ifMatch);
    return { topic, created: found?.status === 'creating' };
  }
}
