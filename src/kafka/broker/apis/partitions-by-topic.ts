/** Partitions' numbers by their topic, in the order in which they come. */
export function partitionsByTopic(
  partitions: Iterable<{ readonly topic: string; readonly partition: number }>,
): ReadonlyMap<string, readonly number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic);
    if (numbers) numbers.push(partition);
    else topics.set(topic, [partition]);
  }
  return topics;
}
