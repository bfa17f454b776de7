import { ErrorCode, KafkaError } from '../protocol/error-codes.js';

/** Where a transaction may stand, in Kafka's words (KIP-98). */
export const transactionStatuses = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
] as const;

export type TransactionStatus = (typeof transactionStatuses)[number];

/** A partition that a transaction writes to. */
export interface TransactionPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Everything that is kept of one transactional id. Times are Unix milliseconds. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Epoch from which the last bump came, whose owner may ask for it until it is used; -1: nobody may. */
  readonly formerEpoch: number;
  /** Producer id that it had then; undefined: the present one. */
  readonly formerProducerId?: number;
  readonly timeoutMs: number;
  readonly status: TransactionStatus;
  readonly partitions: readonly TransactionPartition[];
  /** Groups whose offsets it commits. */
  readonly groups: readonly string[];
  /** -1: it has not begun. */
  readonly startedAt: number;
  readonly updatedAt: number;
}

/** Who asks: what a producer says of itself. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** The epoch after which a producer gets another id: the largest is left for fencing. */
const LAST_EPOCH = 0x7fff - 1;

/** Before anything is added to it. */
const EMPTY = { status: 'Empty', partitions: [], groups: [], startedAt: -1 } as const;

/** A transactional id that is used for the first time. */
export const firstUse = (
  transactionalId: string,
  producerId: number,
  timeoutMs: number,
  now: number,
): Transaction => ({
  transactionalId,
  producerId,
  producerEpoch: 0,
  formerEpoch: -1,
  timeoutMs,
  ...EMPTY,
  updatedAt: now,
});

export const isEnding = ({ status }: Transaction): boolean =>
  status === 'PrepareCommit' || status === 'PrepareAbort';

export const isOverdue = ({ status, startedAt, timeoutMs }: Transaction, now: number): boolean =>
  status === 'Ongoing' && now - startedAt > timeoutMs;

/** Whether the next bump needs another producer id. */
export const isWornOut = ({ producerEpoch }: Transaction): boolean => producerEpoch >= LAST_EPOCH;

/**
 * Whether a producer that names itself when it initialises may go on as that one (KIP-360): it has
 * the present epoch, or asks again for the bump that it did not hear of.
 */
export const mayInitialise = (transaction: Transaction, asking: ProducerIdentity): boolean =>
  (asking.producerId === transaction.producerId &&
    asking.producerEpoch === transaction.producerEpoch) ||
  isRepeated(transaction, asking);

/** Whether a producer is the one before a bump that nobody has used. */
export const isRepeated = (
  { producerId, formerEpoch, formerProducerId = producerId }: Transaction,
  asking: ProducerIdentity,
): boolean =>
  asking.producerEpoch >= 0 &&
  asking.producerEpoch === formerEpoch &&
  asking.producerId === formerProducerId;

/** Whether a producer may have the epoch that the transaction has. */
export const isUsable = ({ producerEpoch }: Transaction): boolean => producerEpoch <= LAST_EPOCH;

/**
 * The next epoch, or another producer id from its first epoch on; the transaction is empty.
 * @param named the producer, where it said who it is: nobody else may ask for this bump again
 */
export const initialised = (
  transaction: Transaction,
  timeoutMs: number,
  newProducerId: number | undefined,
  named: ProducerIdentity | undefined,
  now: number,
): Transaction => ({
  ...firstUse(transaction.transactionalId, newProducerId ?? transaction.producerId, timeoutMs, now),
  producerEpoch: newProducerId === undefined ? transaction.producerEpoch + 1 : 0,
  formerEpoch: named?.producerEpoch ?? -1,
  formerProducerId: transaction.producerId,
});

/** Empty too, with the bump that its producer asks for again. */
export const initialisedAgain = (
  transaction: Transaction,
  timeoutMs: number,
  now: number,
): Transaction => ({
  ...transaction,
  ...EMPTY,
  timeoutMs,
  updatedAt: now,
});

/** Something is added to the transaction; it begins with the first thing. */
export const extended = (
  transaction: Transaction,
  more: { readonly partitions?: readonly TransactionPartition[]; readonly group?: string },
  now: number,
): Transaction => {
  const open = transaction.status === 'Ongoing';
  const former = open ? transaction.partitions : [];
  const byPlace = new Map(
    [...former, ...(more.partitions ?? [])].map((one) => [placeOf(one), one]),
  );
  const partitions = [...byPlace.values()];
  const groups = new Set(open ? transaction.groups : []);
  if (more.group !== undefined) groups.add(more.group);
  return {
    ...transaction,
    // Who asks with the epoch before this one is late.
    formerEpoch: -1,
    status: 'Ongoing',
    partitions,
    groups: [...groups],
    startedAt: open ? transaction.startedAt : now,
    updatedAt: now,
  };
};

export const hasPartition = (
  { partitions }: Pick<Transaction, 'partitions'>,
  topic: string,
  partition: number,
): boolean => {
  let known = places.get(partitions);
  if (known === undefined) places.set(partitions, (known = new Set(partitions.map(placeOf))));
  return known.has(placeOf({ topic, partition }));
};

/** Of each list of partitions that was looked into; there may be very many in one transaction. */
const places = new WeakMap<readonly TransactionPartition[], ReadonlySet<string>>();

const placeOf = ({ topic, partition }: TransactionPartition): string => `${topic}/${partition}`;

/** It is decided how the transaction ends. */
export const prepared = (
  transaction: Transaction,
  outcome: 'commit' | 'abort',
  now: number,
): Transaction => ({
  ...transaction,
  status: outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort',
  updatedAt: now,
});

/**
 * Decided by the broker: its producer may not go on, whatever it had in mind.
 * @param isOfOther whether that is for another producer with this transactional id; else the same one
 * may ask for the new epoch
 */
export const fenced = (transaction: Transaction, isOfOther: boolean, now: number): Transaction => ({
  ...prepared(transaction, 'abort', now),
  producerEpoch: transaction.producerEpoch + 1,
  formerEpoch: isOfOther ? -1 : transaction.producerEpoch,
  formerProducerId: transaction.producerId,
});

/** Everybody has been told how it ended. */
export const completed = (transaction: Transaction, now: number): Transaction => ({
  ...transaction,
  status: transaction.status === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
  partitions: [],
  groups: [],
  startedAt: -1,
  updatedAt: now,
});

/**
 * The transaction of whoever names itself so.
 * @throws KafkaError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED
 */
export function requireProducer(
  transaction: Transaction | undefined,
  { producerId, producerEpoch }: ProducerIdentity,
): Transaction {
  if (transaction === undefined || transaction.producerId !== producerId) {
    throw new KafkaError(
      ErrorCode.INVALID_PRODUCER_ID_MAPPING,
      `producer ${producerId} does not have this transactional id`,
    );
  }
  if (transaction.producerEpoch !== producerEpoch) {
    throw new KafkaError(
      ErrorCode.PRODUCER_FENCED,
      `producer ${producerId} has epoch ${transaction.producerEpoch}, not ${producerEpoch}`,
    );
  }
  return transaction;
}
