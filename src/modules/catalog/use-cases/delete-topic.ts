import { Injectable } from '@nestjs/common';

import { requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { requireIfMatch } from '../../../common/etag.js';
import { countSubscriptions } from '../../../kafka/contracts/subscriptions.contracts.js';
import { InjectRequestClient } from '../../../kafka/transport/client/inject-request-client.decorator.js';
import { RequestClient } from '../../../kafka/transport/client/request-client.js';
import { InjectUnitOfWork } from '../../../kafka/transport/outbox/inject-unit-of-work.decorator.js';
import { UnitOfWork } from '../../../kafka/transport/outbox/unit-of-work.js';
import {
  CatalogReadOnly,
  DataDeleteRequired,
  TopicHasSubscriptions,
  TopicNotFound,
  TopicNotManaged,
} from '../domain/catalog.errors.js';
import type { Topic } from '../domain/topic.js';
import { TopicStore } from '../persistence/topic.store.js';
import { TopicIntents } from './topic-intents.js';

/** What a caller says about the topic's events. */
export interface DeleteTopicOptions {
  readonly deleteData: boolean;
  readonly ifMatch?: string;
}

/** Deletes a managed topic with its events, or forgets an adopted one. */
@Injectable()
export class DeleteTopic {
  constructor(
    private readonly topics: TopicStore,
    private readonly intents: TopicIntents,
    @InjectUnitOfWork('catalog') private readonly unitOfWork: UnitOfWork,
    @InjectRequestClient('catalog') private readonly requests: RequestClient,
  ) {}

  /**
   * @throws TopicNotFound, DataDeleteRequired, TopicNotManaged, TopicHasSubscriptions
   * @throws RequestTimedOut when nobody can say whether it has subscriptions
   */
  async execute(principal: Principal, name: string, options: DeleteTopicOptions): Promise<void> {
    requireTopic(principal, name);
    if (principal.tenant !== null) throw new CatalogReadOnly();
    const found = await this.topics.find(name);
    const topic = found && (await this.intents.finish(found));
    if (topic === undefined) throw new TopicNotFound(name);
    requireIfMatch(options.ifMatch, topic);
    requireMatchingWish(topic, options.deleteData);
    await this.requireNoSubscriptions(topic);
    if (topic.managed) await this.deleteWithData(topic, options);
    else await this.forget(topic, options);
  }

  private async requireNoSubscriptions({ uid, name }: Topic): Promise<void> {
    const { count } = await this.requests.request(countSubscriptions, { topicUid: uid });
    if (count > 0) throw new TopicHasSubscriptions(name, count);
  }

  private async deleteWithData(topic: Topic, { ifMatch }: DeleteTopicOptions): Promise<void> {
    const deleting = await this.unitOfWork.run(async (tx) => {
      const locked = await this.topics.lock(tx.manager, topic.uid);
      if (locked === undefined) return undefined;
      if (locked.status === 'active') {
        requireIfMatch(ifMatch, locked);
        await this.intents.beginDeleting(tx, locked);
      }
      return { ...locked, status: 'deleting' as const };
    });
    if (deleting !== undefined) await this.intents.finish(deleting);
  }

  private async forget(topic: Topic, { ifMatch }: DeleteTopicOptions): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const locked = await this.topics.lock(tx.manager, topic.uid);
      if (locked === undefined) return;
      requireIfMatch(ifMatch, locked);
      await this.intents.withdraw(tx, { ...locked, version: locked.version + 1 });
      await this.intents.forget(tx, locked, false);
    });
  }
}

const requireMatchingWish = ({ name, managed }: Topic, deleteData: boolean): void => {
  if (managed && !deleteData) throw new DataDeleteRequired(name);
  if (!managed && deleteData)
    throw new TopicNotManaged(
      `"${name}" was in Kafka before: it can be forgotten here (without ?data=delete), but its events are not Millrace's to delete.`,
      { topic: name },
    );
};
