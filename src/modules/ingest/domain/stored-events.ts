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

const told = (
  topic: string,
  { event }: AcceptedEvent,
  outcome: Outcome | undefined,
): PublishedEvent | FailedEvent => {
  const { id } = event;
  const names = { id, messageId: messageId(topic, event.source, id), topic };
  if (outcome === undefined)
    throw new Error('The log answered for fewer events than it was given.');
  return outcome instanceof MillraceError
    ? { ...names, error: { code: outcome.code, detail: outcome.message } }
    : { ...names, partition: outcome.partition, offset: outcome.offset };
};

const isStored = (event: PublishedEvent | FailedEvent): event is PublishedEvent =>
  !('error' in event);

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
  const events = accepted.map((event, index) => told(topic, event, outcomes[index]));
  const stored = events.filter(isStored);
  if (stored.length === events.length) return stored;
  const [first] = outcomes;
  if (events.length === 1 && first instanceof MillraceError) throw asEventError(first);
  throw new PartlyStored(
    `${events.length - stored.length} of ${events.length} events were not stored for certain.`,
    { events },
  );
};
