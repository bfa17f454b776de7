import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../../common/clock.js';
import { EVENT_LOG, type EventLog, type TopicDescription } from '../../../kafka/log/event-log.js';

const FRESH_MS = 1_000;

interface Known {
  readonly at: number;
  readonly answer: Promise<TopicDescription | undefined>;
}

/** What Kafka says of topics, asked at most once a second for each, however many readers ask. */
@Injectable()
export class TopicWatch {
  private readonly known = new Map<string, Known>();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The topic as of at most a second ago; undefined when Kafka has none of this name.
   * @throws LogUnavailable
   */
  describe(topic: string): Promise<TopicDescription | undefined> {
    const now = this.clock.monotonicMs();
    const known = this.known.get(topic);
    if (known !== undefined && now - known.at < FRESH_MS) return known.answer;
    this.dropStale(now);
    const answer = this.log.admin.describeTopic(topic);
    this.known.set(topic, { at: now, answer });
    answer.catch(() => this.known.delete(topic));
    return answer;
  }

  private dropStale(now: number): void {
    for (const [topic, { at }] of this.known) if (now - at >= FRESH_MS) this.known.delete(topic);
  }
}
