/** A record on its way from the module's consumer to a handler. */
export interface ConsumedRecord {
  /** Kafka topic, with prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As they came: dead letters keep them. */
  readonly rawHeaders: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  /** As plain text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Circumstances under which a record is handled. */
export interface Handling {
  /** When it aborts, the handler stops waiting and rejects; the record comes again. */
  readonly signal: AbortSignal;
  /** A consumer before this one, perhaps in a process that ended, may have begun this record. */
  readonly mayHaveBeenTried: boolean;
}

/**
 * Does all that is to be done for a record; the record counts as settled when it resolves. It may
 * take its time: only records of the same partition wait.
 */
export type RecordHandler = (record: ConsumedRecord, handling: Handling) => Promise<void>;
