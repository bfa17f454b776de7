/** Long because it is all that producers can ask for, in one turn of their id each. */
import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import type { CommitOrder } from '../groups/commit-order.js';
import type { NewOffset } from '../groups/committed-offsets.js';
import type { TopicIdOf } from '../groups/topic-identity.js';
import { isTransactional, type BatchHeader } from '../records/batch-header.js';
import type { KeyValueLog } from '../storage/key-value-log.js';
import { Serial } from '../concurrency/serial.js';
import { isOpenIn, TransactionEnding, type EndingServices } from './transaction-ending.js';
import { TransactionStore } from './transaction-store.js';
import {
  extended,
  fenced,
  firstUse,
  hasPartition,
  initialised,
  initialisedAgain,
  isEnding,
  isOverdue,
  isRepeated,
  isUsable,
  isWornOut,
  mayInitialise,
  prepared,
  requireProducer,
  type ProducerIdentity,
  type Transaction,
  type TransactionPartition,
} from './transaction.js';

/** What the coordinator needs of the broker. */
export interface TransactionServices extends EndingServices {
  readonly newProducerId: () => Promise<number>;
  readonly topicIdOf: TopicIdOf;
  readonly order: CommitOrder;
}

/** Bounds of transactions. */
export interface TransactionLimits {
  /** Longest time-out that a producer may ask for (`transaction.max.timeout.ms`). */
  readonly maxTimeoutMs: number;
  /** Ids that were not used for so long are forgotten (`transactional.id.expiration.ms`). */
  readonly idExpirationMs: number;
  /** More transactional ids are refused with POLICY_VIOLATION. */
  readonly maxIds: number;
  /** Memory of what is kept of transactions, in bytes, about; what would need more is refused too. */
  readonly maxBytes: number;
}

/** What waits for its turn with one transactional id. */
interface Turns {
  readonly serial: Serial;
  waiting: number;
}

/** Groups of one transaction; a consumer commits for its own. */
const MAX_GROUPS = 100;

/** What a producer asks for when it initialises; a producer id of -1: it has none yet. */
export interface InitialiseRequest extends ProducerIdentity {
  readonly transactionalId: string;
  readonly timeoutMs: number;
}

/**
 * Coordinates transactions (KIP-98): one thing at a time for each transactional id. A decision is
 * stored before anybody is told of it; what a crash leaves half told is told again at the next start.
 */
export class TransactionCoordinator {
  private readonly queues = new Map<string, Turns>();
  private readonly store: TransactionStore;
  private readonly ending: TransactionEnding;

  constructor(
    log: KeyValueLog,
    private readonly services: TransactionServices,
    private readonly limits: TransactionLimits,
  ) {
    this.store = new TransactionStore(log, { ...services, maxBytes: limits.maxBytes });
    this.ending = new TransactionEnding(this.store, services);
  }

  get(transactionalId: string): Transaction | undefined {
    return this.store.get(transactionalId);
  }

  all(): readonly Transaction[] {
    return this.store.all();
  }

  /** Transactional ids with which something is going on now. */
  get inTurns(): number {
    return this.queues.size;
  }

  /** Ends what was decided before a crash. */
  async recover(): Promise<void> {
    await Promise.all(
      this.store
        .all()
        .filter(isEnding)
        .map(({ transactionalId }) =>
          this.inTurn(transactionalId, () => this.ending.complete(transactionalId)),
        ),
    );
  }

  /**
   * Gives a producer its id and epoch: former ones with the same transactional id are fenced, and
   * what they left open is aborted.
   * @throws KafkaError
   */
  initialise(request: InitialiseRequest): Promise<ProducerIdentity> {
    const { transactionalId, timeoutMs } = request;
    if (transactionalId === '') {
      throw new KafkaError(ErrorCode.INVALID_REQUEST, 'an empty transactional id');
    }
    if (timeoutMs <= 0 || timeoutMs > this.limits.maxTimeoutMs) {
      throw new KafkaError(
        ErrorCode.INVALID_TRANSACTION_TIMEOUT,
        `a time-out of ${timeoutMs} ms; it must be from 1 to ${this.limits.maxTimeoutMs}`,
      );
    }
    return this.inTurn(transactionalId, () => this.initialiseNow(request));
  }

  /** @throws KafkaError */
  addPartitions(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: readonly TransactionPartition[],
  ): Promise<void> {
    return this.inTurnOf(transactionalId, producer, async () => {
      const transaction = await this.ended(transactionalId);
      const isKnown = ({ topic, partition }: TransactionPartition): boolean =>
        hasPartition(transaction, topic, partition);
      if (transaction.status === 'Ongoing' && partitions.every(isKnown)) return;
      await this.store.saveMore(extended(transaction, { partitions }, this.services.now()));
    });
  }

  /** A group whose offsets are to be committed with the transaction. @throws KafkaError */
  addGroup(transactionalId: string, producer: ProducerIdentity, group: string): Promise<void> {
    return this.inTurnOf(transactionalId, producer, async () => {
      const transaction = await this.ended(transactionalId);
      const groups = transaction.status === 'Ongoing' ? transaction.groups : [];
      if (groups.includes(group)) return;
      if (groups.length >= MAX_GROUPS) {
        throw new KafkaError(ErrorCode.POLICY_VIOLATION, 'too many groups in one transaction');
      }
      await this.store.saveMore(extended(transaction, { group }, this.services.now()));
    });
  }

  /**
   * Keeps offsets until the transaction commits.
   * @param admit asked in the same step in which they become pending; throws why they may not
   * @throws KafkaError, StorageError
   */
  addOffsets(
    transactionalId: string,
    producer: ProducerIdentity,
    group: string,
    offsets: readonly NewOffset[],
    admit: () => void = () => undefined,
  ): Promise<void> {
    return this.inTurnOf(transactionalId, producer, async (transaction) => {
      if (transaction.status !== 'Ongoing' || !transaction.groups.includes(group)) {
        throw new KafkaError(
          ErrorCode.INVALID_TXN_STATE,
          `group ${group} was not added to the transaction`,
        );
      }
      admit();
      const pending = offsets.map((offset) => ({ ...offset, group }));
      await this.store.addOffsets(transactionalId, pending);
    });
  }

  /** A topic was deleted: offsets in it are not committed any more. */
  forgetTopic(topic: string): Promise<void> {
    return this.store.forgetTopic(topic);
  }

  /** The same for a group. @throws StorageError: the disk hears of it later */
  forgetGroup(group: string): Promise<void> {
    return this.store.forgetGroup(group);
  }

  /** The same for the offsets of a group in some partitions. @throws StorageError */
  forgetOffsets(group: string, partitions: readonly TransactionPartition[]): Promise<void> {
    return this.store.forgetOffsets(group, partitions);
  }

  /** Whether a transaction that has not ended commits anything for a group. */
  hasPendingOf(group: string): boolean {
    return this.store.hasPendingOf(group);
  }

  /** Whether offsets of a group may still change by a transaction that has not ended. */
  hasPendingOffset(group: string, topic: string, partition: number): boolean {
    return this.store.hasPending(group, topic, partition);
  }

  /** Commits or aborts. Asking again for what was decided changes nothing. @throws KafkaError */
  end(
    transactionalId: string,
    producer: ProducerIdentity,
    outcome: 'commit' | 'abort',
  ): Promise<void> {
    return this.inTurnOf(transactionalId, producer, async (transaction) => {
      const [ending, over] =
        outcome === 'commit'
          ? ['PrepareCommit', 'CompleteCommit']
          : ['PrepareAbort', 'CompleteAbort'];
      if (transaction.status === over) return;
      if (transaction.status === 'Ongoing') {
        await this.decide(transaction, prepared(transaction, outcome, this.services.now()));
      } else if (transaction.status !== ending) {
        throw new KafkaError(
          ErrorCode.INVALID_TXN_STATE,
          `a transaction that is ${transaction.status} cannot ${outcome}`,
        );
      }
      await this.ending.complete(transactionalId);
    });
  }

  /**
   * Whether a batch may be written to a partition now: with the epoch of its producer, and in a
   * transaction only to what was added to it. To be asked in the same turn of the loop as the append,
   * so that nothing comes behind the marker that ends it (KIP-890).
   * @throws KafkaError
   */
  requireMayWrite(batch: BatchHeader, topic: string, partition: number): void {
    const { producerId, producerEpoch } = batch;
    const transaction = this.store.byProducer(producerId);
    const isOutside = !isTransactional(batch);
    if (transaction !== undefined && producerEpoch !== transaction.producerEpoch) {
      // The partition refuses it for another reason, which comes first.
      if (isOutside && isOpenIn(this.services.logOf(topic, partition), producerId)) return;
      throw new KafkaError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${producerId} has epoch ${transaction.producerEpoch}`,
      );
    }
    if (isOutside) return;
    const isOpen = transaction?.status === 'Ongoing';
    if (!isOpen || !hasPartition(transaction, topic, partition)) {
      throw new KafkaError(
        ErrorCode.INVALID_TXN_STATE,
        `${topic}/${partition} was not added to a transaction of producer ${producerId}`,
      );
    }
  }

  /** Aborts what takes longer than its time-out, and ends what could not be ended before. */
  async endOverdue(): Promise<void> {
    const now = this.services.now();
    const due = this.store.all().filter((one) => isEnding(one) || isOverdue(one, now));
    await Promise.all(
      due.map(({ transactionalId }) =>
        this.inTurn(transactionalId, () => this.endOne(transactionalId)).catch(
          this.services.onFailure,
        ),
      ),
    );
  }

  /** Forgets ids that nobody has used for long, and compacts the log. @throws StorageError */
  async clean(): Promise<void> {
    const before = this.services.now() - this.limits.idExpirationMs;
    const isOld = ({ status, updatedAt }: Transaction): boolean =>
      updatedAt < before && (status === 'Empty' || status.startsWith('Complete'));
    for (const { transactionalId } of this.store.all().filter(isOld)) {
      await this.inTurn(transactionalId, async () => {
        const present = this.store.get(transactionalId);
        if (present !== undefined && isOld(present)) await this.store.remove(present);
      });
    }
    await this.store.clean();
  }

  /** Waits for what is under way, and closes the log. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.queues.values()].map(({ serial }) => serial.run(async () => undefined)),
    );
    await this.store.close();
  }

  private async initialiseNow(request: InitialiseRequest): Promise<ProducerIdentity> {
    const { transactionalId, timeoutMs } = request;
    const known = this.store.get(transactionalId);
    if (known === undefined) return this.welcome(transactionalId, timeoutMs);
    const named = request.producerId >= 0 ? request : undefined;
    if (named && !mayInitialise(known, named)) {
      throw new KafkaError(ErrorCode.PRODUCER_FENCED, 'a newer producer has this transactional id');
    }
    if (known.status === 'Ongoing') {
      await this.decide(known, fenced(known, named === undefined, this.services.now()));
    }
    const present = await this.ended(transactionalId);
    const next =
      named && isRepeated(present, named) && isUsable(present)
        ? initialisedAgain(present, timeoutMs, this.services.now())
        : await this.bumped(present, timeoutMs, named);
    await this.store.save(next);
    return next;
  }

  private async bumped(
    present: Transaction,
    timeoutMs: number,
    named: ProducerIdentity | undefined,
  ): Promise<Transaction> {
    const newId = isWornOut(present) ? await this.services.newProducerId() : undefined;
    return initialised(present, timeoutMs, newId, named, this.services.now());
  }

  private async welcome(transactionalId: string, timeoutMs: number): Promise<ProducerIdentity> {
    if (this.store.size >= this.limits.maxIds) {
      throw new KafkaError(ErrorCode.POLICY_VIOLATION, 'there are too many transactional ids');
    }
    const producerId = await this.services.newProducerId();
    const transaction = firstUse(transactionalId, producerId, timeoutMs, this.services.now());
    await this.store.saveMore(transaction);
    return transaction;
  }

  /** The transaction, once what was decided about it is done. */
  private async ended(transactionalId: string): Promise<Transaction> {
    await this.ending.complete(transactionalId);
    const transaction = this.store.get(transactionalId);
    if (transaction === undefined || isEnding(transaction)) {
      throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS, 'the former transaction is ending');
    }
    return transaction;
  }

  /** Shown first: nothing more may join. Not stored, it goes on as it was. */
  private async decide(present: Transaction, decided: Transaction): Promise<void> {
    this.store.show(decided);
    try {
      if (decided.status === 'PrepareCommit') await this.ending.settleRecords(decided);
      await this.store.save(decided);
    } catch (error) {
      this.store.show(present);
      throw error;
    }
  }

  private async endOne(transactionalId: string): Promise<void> {
    const now = this.services.now();
    const transaction = this.store.get(transactionalId);
    if (transaction !== undefined && isOverdue(transaction, now)) {
      await this.decide(transaction, fenced(transaction, false, now));
    }
    await this.ending.complete(transactionalId);
  }

  /** For what only a producer may ask: whoever names an id that nobody has costs nothing. */
  private async inTurnOf<T>(
    transactionalId: string,
    producer: ProducerIdentity,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    requireProducer(this.store.get(transactionalId), producer);
    return this.inTurn(transactionalId, () =>
      work(requireProducer(this.store.get(transactionalId), producer)),
    );
  }

  private async inTurn<T>(transactionalId: string, work: () => Promise<T>): Promise<T> {
    let turns = this.queues.get(transactionalId);
    if (turns === undefined) {
      this.queues.set(transactionalId, (turns = { serial: new Serial(), waiting: 0 }));
    }
    turns.waiting += 1;
    try {
      return await turns.serial.run(work);
    } finally {
      turns.waiting -= 1;
      if (turns.waiting === 0) this.queues.delete(transactionalId);
    }
  }
}
