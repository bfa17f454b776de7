import {
  LogRecordTooLarge,
  LogRequestInvalid,
  LogUnavailable,
  type LogError,
} from '../log.errors.js';
import { kafkaErrorName, kafkaErrors as code } from '../protocol/error-codes.js';

/** What Kafka's answer to a batch means. */
export type Verdict =
  | { readonly kind: 'stored' }
  /** A record in it is refused; in a batch of several, halves find the guilty one. */
  | { readonly kind: 'refused'; readonly error: LogError }
  /** Nothing may be sent to this topic; not stored. */
  | { readonly kind: 'denied'; readonly error: LogError }
  /** Send the same bytes again; `stored`: whether this try may have been stored. */
  | { readonly kind: 'again'; readonly perhapsStored: boolean }
  /** Not stored; send again in a new epoch. */
  | { readonly kind: 'renumber' }
  /** Not stored by this try; send again under a new producer id. */
  | { readonly kind: 'new-producer' }
  /** Perhaps stored, and it cannot be found out. */
  | { readonly kind: 'unknown' };

/** Codes that say: nothing was appended, and it may work later or elsewhere. */
const cleanRetries: ReadonlySet<number> = new Set([
  code.CORRUPT_MESSAGE,
  code.UNKNOWN_TOPIC_OR_PARTITION,
  code.LEADER_NOT_AVAILABLE,
  code.NOT_LEADER_OR_FOLLOWER,
  code.NOT_ENOUGH_REPLICAS,
  code.FENCED_LEADER_EPOCH,
  code.UNKNOWN_LEADER_EPOCH,
  code.UNKNOWN_TOPIC_ID,
]);

const tooLarge: ReadonlySet<number> = new Set([code.MESSAGE_TOO_LARGE, code.RECORD_LIST_TOO_LARGE]);

const invalid: ReadonlySet<number> = new Set([
  code.INVALID_RECORD,
  code.INVALID_TIMESTAMP,
  code.INVALID_TOPIC_EXCEPTION,
]);

const denied: ReadonlySet<number> = new Set([
  code.TOPIC_AUTHORIZATION_FAILED,
  code.CLUSTER_AUTHORIZATION_FAILED,
]);

/**
 * Judges an answer. `perhapsStored`: an earlier try of the same batch ended unknown, so an answer
 * that the broker has no memory of this producer no longer proves that nothing was stored.
 */
export const judge = (errorCode: number, topic: string, perhapsStored: boolean): Verdict => {
  if (errorCode === code.NONE) return { kind: 'stored' };
  if (tooLarge.has(errorCode)) {
    const error = new LogRecordTooLarge(`Kafka takes no record of this size in topic ${topic}.`);
    return { kind: 'refused', error };
  }
  if (invalid.has(errorCode)) {
    const reason = kafkaErrorName(errorCode);
    const error = new LogRequestInvalid(`Kafka refuses the record in topic ${topic}: ${reason}.`);
    return { kind: 'refused', error };
  }
  if (denied.has(errorCode)) {
    const error = new LogUnavailable(`Kafka lets Millrace write nothing to topic ${topic}.`);
    return { kind: 'denied', error };
  }
  if (errorCode === code.OUT_OF_ORDER_SEQUENCE_NUMBER) return { kind: 'renumber' };
  if (errorCode === code.UNKNOWN_PRODUCER_ID) {
    return perhapsStored ? { kind: 'unknown' } : { kind: 'renumber' };
  }
  if (errorCode === code.INVALID_PRODUCER_EPOCH || errorCode === code.PRODUCER_FENCED) {
    return perhapsStored ? { kind: 'unknown' } : { kind: 'new-producer' };
  }
  if (errorCode === code.DUPLICATE_SEQUENCE_NUMBER) return { kind: 'unknown' };
  return { kind: 'again', perhapsStored: !cleanRetries.has(errorCode) };
};
