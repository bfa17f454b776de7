import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { TopicState } from '../../../kafka/contracts/catalog.contracts.js';
import type { StateRow, StateSource } from '../../../kafka/transport/state/state-source.js';
import { topicStateOf } from '../domain/topic.js';
import { TopicStore } from './topic.store.js';

/** The truth that the state topic of topics is compared with. */
@Injectable()
export class TopicStateSource implements StateSource<TopicState> {
  constructor(private readonly store: TopicStore) {}

  async *rows(manager?: EntityManager): AsyncIterable<StateRow<TopicState>> {
    for await (const topic of this.store.all(manager))
      yield { uid: topic.uid, version: topic.version, state: topicStateOf(topic) };
  }
}
