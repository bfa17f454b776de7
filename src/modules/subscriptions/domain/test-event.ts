import { parseJsonEvent } from '../../../events/codec/json-format.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import { TestEventTooLarge } from './subscription.errors.js';

/** What events of a topic may have by default; leaves room for the message that carries it. */
export const MAX_TEST_EVENT_BYTES = 1_000_000;

/** What a test event is given where the caller does not say. */
export interface TestEventDefaults {
  readonly topic: string;
  readonly id: string;
  readonly at: Date;
}

/**
 * The CloudEvent of a test delivery: `specversion`, `id`, `source`, `type` and `time` may be left
 * out, and are then filled in as for an event that is published as plain JSON.
 * @throws EventError for what breaks CloudEvents' rules
 * @throws TestEventTooLarge
 */
export function completeTestEvent(
  event: JsonCloudEvent,
  { topic, id, at }: TestEventDefaults,
): JsonCloudEvent {
  const source = `/topics/${topic}`;
  const time = at.toISOString();
  const complete = { specversion: '1.0', id, source, type: topic, time, ...event };
  const bytes = Buffer.byteLength(JSON.stringify(complete));
  if (bytes > MAX_TEST_EVENT_BYTES) throw new TestEventTooLarge(bytes, MAX_TEST_EVENT_BYTES);
  parseJsonEvent(complete);
  return complete;
}
