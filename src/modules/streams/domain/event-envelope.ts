import type { CloudEvent } from '../../../events/cloud-event.js';
import { toJsonText } from '../../../events/codec/json-text.js';
import { messageId } from '../../../events/message-id.js';

/** Where an event lies. */
export interface EventPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * An event with its place, as JSON text on one line: `{"messageId","topic","partition","offset",
 * "event"}`. The payload's bytes are spliced in, not parsed and written again.
 * @param members more members of the object, as JSON text with a comma behind: `"cursor":"…",`
 */
export function envelopeOf(event: CloudEvent, place: EventPlace, members = ''): string {
  const { topic, partition, offset } = place;
  const id = messageId(topic, event.source, event.id);
  const text = toJsonText(event, { singleLine: true });
  return `{${members}"messageId":"${id}","topic":"${topic}","partition":${partition},"offset":${offset},"event":${text}}`;
}
