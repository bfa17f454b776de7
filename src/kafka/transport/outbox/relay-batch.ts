import type { TopicMessages } from 'kafkajs';
import type { OutboxRow } from './outbox-store.js';

/**
 * The rows at the front that together stay under `maxBytes`; always at least one. Each partition's
 * records become one Kafka batch, whose size the topic bounds.
 */
export function cutByBytes(rows: readonly OutboxRow[], maxBytes: number): readonly OutboxRow[] {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(row.value ?? '') + Buffer.byteLength(row.key);
    return index > 0 && bytes > maxBytes;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** Groups rows by topic; rows of one topic keep their order. */
export function toTopicMessages(rows: readonly OutboxRow[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of rows) {
    const group = byTopic.get(topic) ?? { topic, messages: [] };
    group.messages.push({ key, value, headers: { ...headers } });
    byTopic.set(topic, group);
  }
  return [...byTopic.values()];
}
