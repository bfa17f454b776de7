import type { TopicPartition } from '../event-log.js';

/** Names a partition; topic names hold no slash. */
export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Partitions by their key. */
export type PartitionSet = ReadonlyMap<string, TopicPartition>;

/** The set of these partitions. */
export const partitionSet = (
  partitions: Iterable<TopicPartition> = [],
): Map<string, TopicPartition> =>
  new Map(
    [...partitions].map(({ topic, partition }) => {
      const one = { topic, partition };
      return [keyOf(one), one];
    }),
  );

/** What is in `set` and not in `other`. */
export const without = (set: PartitionSet, other: PartitionSet): readonly TopicPartition[] =>
  [...set].filter(([key]) => !other.has(key)).map(([, partition]) => partition);

/** The items under their topics, in the order in which the topics come. */
export const byTopic = <Item extends TopicPartition>(
  items: Iterable<Item>,
): ReadonlyMap<string, Item[]> => {
  const topics = new Map<string, Item[]>();
  for (const item of items) {
    const known = topics.get(item.topic);
    if (known === undefined) topics.set(item.topic, [item]);
    else known.push(item);
  }
  return topics;
};
