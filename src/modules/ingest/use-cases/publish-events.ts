import { Inject, Injectable } from '@nestjs/common';

import { requireTopic } from '../../../auth/permissions.js';
import type { Principal } from '../../../auth/principal.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import { topicsState, type TopicState } from '../../../kafka/contracts/catalog.contracts.js';
import type { PublishedEvent } from '../../../kafka/contracts/ingest.contracts.js';
import { EVENT_LOG, type EventLog } from '../../../kafka/log/event-log.js';
import { InjectStateTable } from '../../../kafka/transport/state/inject-state-table.decorator.js';
import type { StateIndex, StateTable } from '../../../kafka/transport/state/state-table.js';
import { acceptAll } from '../domain/accept-batch.js';
import type { Admission } from '../domain/accept-event.js';
import { TopicUnknown } from '../domain/ingest.errors.js';
import { storedEvents, type Outcome } from '../domain/stored-events.js';
import { CompiledSchemas } from './compiled-schemas.js';
import { PublishMetrics } from './publish-metrics.js';

/** Events to be stored in a topic. */
export interface Publication {
  readonly topic: string;
  readonly events: readonly CloudEvent[];
  /** Whether they were sent as a batch: faults then name the event's index. */
  readonly batch: boolean;
  readonly principal: Principal;
}

const failuresIn = (outcomes: readonly Outcome[]): number => {
  let failures = 0;
  for (const outcome of outcomes) if (outcome instanceof Error) failures += 1;
  return failures;
};

const typesOf = (events: readonly CloudEvent[]): readonly string[] =>
  events.map(({ type }) => type);

/** Checks events and stores them: all are checked before the first is sent to Kafka. */
@Injectable()
export class PublishEvents {
  private readonly topics: StateIndex<TopicState>;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly schemas: CompiledSchemas,
    private readonly metrics: PublishMetrics,
    @InjectStateTable(topicsState) topics: StateTable<TopicState>,
  ) {
    this.topics = topics.indexBy(({ name }) => name);
  }

  /**
   * Resolves once Kafka has acknowledged every event.
   * @throws TopicForbidden, TopicUnknown
   * @throws TransportUnavailable when Kafka does not tell whether the topic or a schema exists
   * @throws BatchTooLarge, EventRefused, before anything is stored
   * @throws LogOverloaded, before anything is stored
   * @throws LogError when a single event was not stored; LogUnavailable: perhaps it was
   * @throws PartlyStored when events of a batch were not
   */
  async execute(publication: Publication): Promise<readonly PublishedEvent[]> {
    const { topic: name, events, batch, principal } = publication;
    requireTopic(principal, name);
    const topic = this.topics.get(name) ?? (await this.topics.lookup(name));
    if (topic === undefined) throw new TopicUnknown(name);
    if (topic.enforceSchemas) await this.schemas.awaitSchemasOf(topic.uid, typesOf(events));
    const accepted = acceptAll(events, batch, this.admission(topic, principal));
    const records = accepted.map(({ record }) => record);
    const outcomes = await this.log.publisher.publish(name, records);
    this.metrics.count(outcomes.length, failuresIn(outcomes));
    return storedEvents(name, accepted, outcomes);
  }

  private admission(topic: TopicState, { tenant }: Principal): Admission {
    let receivedAt: string | undefined;
    return {
      tenant,
      maxEventBytes: topic.maxEventBytes,
      receivedAt: () => (receivedAt ??= this.clock.now().toISOString()),
      validatorOf: topic.enforceSchemas
        ? (type) => this.schemas.validatorOf(topic.uid, type)
        : undefined,
    };
  }
}
