import type { TopicPartition } from '../event-log.js';

/** Partitions of one topic in a share. */
interface TopicShare {
  /** Those that the member holds already: to take one of them costs a hand-over. */
  readonly held: number[];
  readonly fresh: number[];
}

const countOf = (share: TopicShare | undefined): number =>
  share === undefined ? 0 : share.held.length + share.fresh.length;

/** What one member of a group is meant to have, while it is worked out. */
export class Share {
  size = 0;
  private readonly topics = new Map<string, TopicShare>();

  constructor(
    readonly memberId: string,
    private readonly subscribed: ReadonlySet<string>,
  ) {}

  mayHave(topic: string): boolean {
    return this.subscribed.has(topic);
  }

  count(topic: string): number {
    return countOf(this.topics.get(topic));
  }

  add({ topic, partition }: TopicPartition, held: boolean): void {
    const share = this.topics.get(topic) ?? { held: [], fresh: [] };
    this.topics.set(topic, share);
    (held ? share.held : share.fresh).push(partition);
    this.size += 1;
  }

  /**
   * Passes one partition to another member that may have it: rather one that is not held yet, and
   * of the topic of which this share has the most more than the other. False when there is none.
   */
  passTo(other: Share): boolean {
    const candidates = [...this.topics].filter(
      ([topic, share]) => other.mayHave(topic) && countOf(share) > 0,
    );
    const free = candidates.filter(([, { fresh }]) => fresh.length > 0);
    const surplus = ([topic, share]: [string, TopicShare]): number =>
      countOf(share) - other.count(topic);
    const [first, ...rest] = free.length > 0 ? free : candidates;
    if (first === undefined) return false;
    const [topic, share] = rest.reduce(
      (best, next) => (surplus(next) > surplus(best) ? next : best),
      first,
    );
    const partition = share.fresh.pop() ?? share.held.pop();
    if (partition === undefined) return false;
    this.size -= 1;
    other.add({ topic, partition }, false);
    return true;
  }

  partitions(): readonly TopicPartition[] {
    return [...this.topics].flatMap(([topic, { held, fresh }]) =>
      [...held, ...fresh].map((partition) => ({ topic, partition })),
    );
  }
}
