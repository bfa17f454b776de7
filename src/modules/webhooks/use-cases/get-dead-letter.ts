import { Injectable } from '@nestjs/common';
import { DeadLetterStore } from '../../../delivery/persistence/dead-letter.store.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import { toJsonEvent } from '../../../events/codec/json-text.js';
import type { DeadLetterSummary } from '../../../kafka/contracts/delivery-shapes.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import { DeadLetterNotFound, DeadLetterTooLarge } from '../domain/webhooks.errors.js';

/** An answer travels in a Kafka record of at most 2 MiB; a part of that is for what is around. */
const LARGEST_EVENT_BYTES = 2_000_000;

/** One dead letter with the event that it keeps. */
@Injectable()
export class GetDeadLetter {
  constructor(private readonly deadLetters: DeadLetterStore) {}

  /** @throws DeadLetterNotFound, DeadLetterTooLarge, DatabaseUnavailable */
  async execute(
    subscriptionUid: string,
    id: string,
  ): Promise<{ readonly deadLetter: DeadLetterSummary; readonly event: JsonCloudEvent }> {
    const found = await this.deadLetters.find(subscriptionUid, id);
    if (found === undefined) throw new DeadLetterNotFound(id);
    const { summary, place, record } = found;
    const event = toJsonEvent(fromRecord({ ...record, ...place }));
    if (Buffer.byteLength(JSON.stringify(event)) > LARGEST_EVENT_BYTES) {
      throw new DeadLetterTooLarge(id, place);
    }
    return { deadLetter: summary, event };
  }
}
