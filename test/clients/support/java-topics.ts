import { unique } from '../../conformance/support/names.js';
import type { JavaClient, JavaConsumer } from './java-clients.js';
import { eventually } from '../../support/eventually.js';

export interface TopicOptions {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Creates a topic of the caller's own with the Admin client. */
export async function newTopic(admin: JavaClient, options: TopicOptions = {}): Promise<string> {
  const topic = unique('topic');
  await admin.call('createTopics', { topic, partitions: 1, replicas: 1, ...options });
  return topic;
}

/** `topic-partition`, as Java writes it, for so many partitions. */
export function partitionsOf(topic: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, partition) => `${topic}-${partition}`);
}

/** Looks until a consumer has read so many records in all. */
export async function untilRead(consumer: JavaConsumer, count: number): Promise<JavaConsumer> {
  await eventually(() => consumer.hasRead(count), Boolean);
  return consumer;
}

/** Looks until something has ended a consumer's polling. */
export async function untilFailed(consumer: JavaConsumer): Promise<JavaConsumer> {
  await eventually(
    async () => (await consumer.look()).failure,
    (failure) => failure !== null,
  );
  return consumer;
}

/** Reads a consumer of an assigned partition until the end that the partition has now. */
export async function readToEnd(
  consumer: JavaConsumer,
  topic: string,
  partition = 0,
): Promise<JavaConsumer> {
  const place = { topic, partition };
  await consumer.call('assign', { partitions: [place] });
  const ends = await consumer.call<Record<string, number>>('endOffsets', { partitions: [place] });
  await consumer.call('start');
  await eventually(
    async () => {
      await consumer.look();
      return consumer.call<number>('position', place);
    },
    (position) => position >= ends[`${topic}-${partition}`]!,
  );
  await consumer.look();
  return consumer;
} /** A configuration as the Admin client describes it. */
export interface ConfigEntry {
  readonly value: string | null;
  readonly source: string;
}
