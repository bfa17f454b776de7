import type { CloudEvent } from '../../../events/cloud-event.js';
import { acceptEvent, type AcceptedEvent, type Admission } from './accept-event.js';
import { BatchTooLarge, EventRefused } from './ingest.errors.js';

/** Most events of one request. */
export const MAX_BATCH_EVENTS = 1_000;

/**
 * Takes all events in, or none.
 * @param batch whether a fault names the event's index
 * @throws BatchTooLarge, EventRefused
 */
export const acceptAll = (
  events: readonly CloudEvent[],
  batch: boolean,
  admission: Admission,
): readonly AcceptedEvent[] => {
  if (events.length > MAX_BATCH_EVENTS) {
    throw new BatchTooLarge(`A request takes up to ${MAX_BATCH_EVENTS} events.`, {
      events: events.length,
      maxEvents: MAX_BATCH_EVENTS,
    });
  }
  return events.map((event, index) => {
    try {
      return acceptEvent(event, admission);
    } catch (error) {
      throw batch && error instanceof EventRefused ? error.inBatch(index) : error;
    }
  });
};
