/** Base of what can be wrong with record bytes; `kafkaCode` is the protocol's error code. */
export abstract class RecordsError extends Error {
  /** Kafka's error code, as it goes into a response. */
  abstract readonly kafkaCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The bytes do not hold together: a length, a checksum or a count is wrong (CORRUPT_MESSAGE). */
export class CorruptRecords extends RecordsError {
  readonly kafkaCode = 2;
}

/** Sound bytes that may not be stored as they are (INVALID_RECORD). */
export class InvalidRecords extends RecordsError {
  readonly kafkaCode = 87;
}

/** A codec that this process cannot read or write (UNSUPPORTED_COMPRESSION_TYPE). */
export class UnsupportedCompression extends RecordsError {
  readonly kafkaCode = 76;
}
