import { MillraceError } from '../../../common/errors/millrace-error.js';
import { messageId } from '../../../events/message-id.js';
import type { PublishedEvent } from '../../../kafka/contracts/ingest.contracts.js';
import type { AcceptedEvent } from './accept-event.js';
import { EventTooLarge, PartlyStored } from './ingest.errors.js';

/** Where an event was stored, or why it was not. */
export type Outcome = { readonly partition: number; readonly offset: number } | MillraceError;

/** What a caller is told of an event that was not stored. */
export interface FailedEvent {
  readonly id: string;
  readonly messageId: string;
  readonly topic: string;
  readonly error: { readonly code: string; readonly detail: string };
}

const placeOf = (
  topic: string,
  { event }: AcceptedEvent,
  { partition, offset }: Exclude<Outcome, MillraceError>,
): PublishedEvent => {
  const { id, source } = event;
  return { id, messageId: messageId(topic, source, id), topic, partition, offset };
};

const failureOf = (topic: string, { event }: AcceptedEvent, error: MillraceError): FailedEvent => {
  const { id, source } = event;
  const { code, message: detail } = error;
  return { id, messageId: messageId(topic, source, id), topic, error: { code, detail } };
};

/** The log knows records; a caller sent events. */
const asEventError = (error: MillraceError): MillraceError =>
  error.code === 'LOG.RECORD_TOO_LARGE'
    ? new EventTooLarge('Kafka takes no event of this size in this topic.')
    : error;

/**
 * The answer to a publish: where each event was stored, in the order sent.
 * @throws the error itself where a single event failed
 * @throws PartlyStored where events of a batch failed, with the outcome of each
 */
export const storedEvents = (
  topic: string,
  accepted: readonly AcceptedEvent[],
  outcomes: readonly Outcome[],
): readonly PublishedEvent[] => {
  const stored: PublishedEvent[] = [];
  const events = accepted.map((event, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new Error('The log answered for too few events.');
    if (outcome instanceof MillraceError) return failureOf(topic, event, outcome);
    const place = placeOf(topic, event, outcome);
    stored.push(place);
    return place;
  });
  if (stored.length === events.length) return stored;
  const [first] = outcomes;
  if (events.length === 1 && first instanceof MillraceError) throw asEventError(first);
  throw new PartlyStored(
    `${events.length - stored.length} of ${events.length} events were not stored for certain.`,
    { events },
  );
};
