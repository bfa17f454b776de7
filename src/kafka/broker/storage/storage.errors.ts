/** Base of what a log refuses or fails to do; `kafkaCode` is the protocol's error code. */
export abstract class StorageError extends Error {
  /** Kafka's error code, as it goes into a response. */
  abstract readonly kafkaCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The offset lies before the log's start or past its end (OFFSET_OUT_OF_RANGE). */
export class OffsetOutOfRange extends StorageError {
  readonly kafkaCode = 1;

  constructor(
    readonly offset: number,
    readonly startOffset: number,
    readonly endOffset: number,
  ) {
    super(`offset ${offset} is outside ${startOffset}..${endOffset}`);
  }
}

/** A batch is larger than the topic's max.message.bytes (MESSAGE_TOO_LARGE). */
export class MessageTooLarge extends StorageError {
  readonly kafkaCode = 10;
}

/** A record's time is too far from the broker's for the topic (INVALID_TIMESTAMP). */
export class InvalidTimestamp extends StorageError {
  readonly kafkaCode = 32;
}

/** An idempotent producer's batch does not follow its last one (OUT_OF_ORDER_SEQUENCE_NUMBER). */
export class OutOfOrderSequence extends StorageError {
  readonly kafkaCode = 45;
}

/** A newer producer with the same id has written (INVALID_PRODUCER_EPOCH). */
export class ProducerFenced extends StorageError {
  readonly kafkaCode = 47;
}

/** A producer wrote to a transaction in a way that its state does not allow (INVALID_TXN_STATE). */
export class InvalidTransactionState extends StorageError {
  readonly kafkaCode = 48;
}

/**
 * The disk refused (full, broken) or the log's files cannot be used (KAFKA_STORAGE_ERROR). Nothing
 * of the append was kept, unless an fdatasync failed: then it is cut off before the error is given.
 */
export class LogStorageFailed extends StorageError {
  readonly kafkaCode = 56;
}

/** More would be kept than there is memory for (POLICY_VIOLATION, as for too many groups). */
export class TooMuchKept extends StorageError {
  readonly kafkaCode = 44;
}

/** The log was closed or deleted (NOT_LEADER_OR_FOLLOWER, so that clients look for it anew). */
export class LogClosed extends StorageError {
  readonly kafkaCode = 6;
}
