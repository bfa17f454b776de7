import { Inject, Injectable } from '@nestjs/common';

import { requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { topicsState, type TopicState } from '../../../kafka/contracts/catalog.contracts.js';
import { EVENT_LOG, type EventLog } from '../../../kafka/log/event-log.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../../../kafka/transport/state/state-table.js';
import { parseFrom, type From } from '../domain/from.js';
import { decodeLook } from '../domain/look-cursor.js';
import { CursorInvalid, ParameterInvalid, StreamTopicUnknown } from '../domain/streams.errors.js';
import type { Stretch } from './bounded-scan.js';
import { TopicWatch } from './topic-watch.js';

/** Where a look begins. */
export interface LookWhere {
  readonly partition?: number;
  /** See `parseFrom`; left out: `earliest`. `latest` is the newest `limit` of each partition. */
  readonly from?: string;
  /** Of the page before; wins over the others. */
  readonly cursor?: string;
}

/** A topic as Kafka has it. */
export interface LookedTopic {
  readonly name: string;
  readonly id: string;
}

type Offsets = ReadonlyMap<number, number>;

/** Finds the stretches of a topic that a look has to go through. */
@Injectable()
export class LookStart {
  private readonly byName: StateIndex<TopicState>;

  constructor(
    @InjectStateTable(topicsState) table: StateTable<TopicState>,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly topics: TopicWatch,
  ) {
    this.byName = table.indexBy(({ name }) => name);
  }

  /** @throws TopicForbidden, StreamTopicUnknown, LogUnavailable */
  async requireTopic(principal: Principal, name: string): Promise<LookedTopic> {
    requireTopic(principal, name);
    const registered = await this.byName.lookup(name);
    const topic = registered && (await this.topics.describe(name));
    if (topic === undefined) throw new StreamTopicUnknown(name);
    return { name, id: topic.id };
  }

  /** @throws ParameterInvalid, FromInvalid, CursorInvalid, LogUnavailable */
  async stretches(
    topic: LookedTopic,
    where: LookWhere,
    limit: number,
  ): Promise<readonly Stretch[]> {
    const [starts, ends] = await Promise.all([
      this.log.admin.offsets(topic.name, 'earliest'),
      this.log.admin.offsets(topic.name, 'latest'),
    ]);
    if (where.partition !== undefined && !ends.has(where.partition))
      throw new ParameterInvalid(`The topic has no partition ${where.partition}.`);
    const begin = await this.begin(topic, where, limit, ends);
    return [...ends].flatMap(([partition, to]) => {
      const asked = begin.get(partition);
      const skipped = where.partition !== undefined && where.partition !== partition;
      if (asked === undefined || skipped) return [];
      return [{ partition, from: Math.max(asked, starts.get(partition) ?? 0), to }];
    });
  }

  private async begin(
    topic: LookedTopic,
    where: LookWhere,
    limit: number,
    ends: Offsets,
  ): Promise<Offsets> {
    if (where.cursor !== undefined) {
      const { topicId, offsets } = decodeLook(where.cursor);
      if (topicId !== topic.id) throw new CursorInvalid('The topic was made again since.');
      return offsets;
    }
    return this.beginAt(topic, parseFrom(where.from ?? 'earliest', where.partition), limit, ends);
  }

  private async beginAt(
    topic: LookedTopic,
    from: From,
    limit: number,
    ends: Offsets,
  ): Promise<Offsets> {
    switch (from.kind) {
      case 'offsets':
        return from.offsets;
      case 'time':
        return this.log.admin.offsets(topic.name, { timestamp: from.timestamp });
      case 'earliest':
        return new Map([...ends].map(([partition]) => [partition, 0]));
      case 'latest':
        return new Map([...ends].map(([partition, end]) => [partition, Math.max(0, end - limit)]));
    }
  }
}
