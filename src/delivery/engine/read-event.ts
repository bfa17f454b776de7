import { fromRecord } from '../../events/codec/kafka-binding.js';
import { messageId } from '../../events/message-id.js';
import type { KeptRecord } from '../core/checkpoint.js';
import type { DeliverableEvent } from './ports.js';

/** Where a record lies. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

class ReadEvent implements DeliverableEvent {
  readonly event;
  readonly timestamp: number;
  private id: string | undefined;

  constructor(
    record: KeptRecord,
    private readonly topic: string,
    place: Place,
  ) {
    this.event = fromRecord({ ...record, ...place });
    this.timestamp = record.timestamp;
  }

  get messageId(): string {
    return (this.id ??= messageId(this.topic, this.event.source, this.event.id));
  }
}

const known = new WeakMap<KeptRecord, DeliverableEvent>();

/** A record as an event; parsed once, however many subscriptions get it. Never throws. */
export function readEvent(record: KeptRecord, place: Place): DeliverableEvent {
  let event = known.get(record);
  if (event === undefined) {
    event = new ReadEvent(record, place.topic, place);
    known.set(record, event);
  }
  return event;
}
