import { isControl, isTransactional, type BatchHeader } from '../records/batch-header.js';
import { type EndMarker } from '../records/control-batch.js';
import { type ProducerDescription } from './log-types.js';
import { ProducerBudget } from './producer-budget.js';
import { InvalidTransactionState, OutOfOrderSequence, ProducerFenced } from './storage.errors.js';

/** Kafka remembers so many batches of a producer to recognise repeats. */
const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fffffff;
/** Producers that one log remembers; of more, those that were not seen for longest are forgotten. */
const MAX_PRODUCERS = 2_000;

/** A stored batch of an idempotent producer. */
export interface ProducerBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

/** What the log knows of a producer; plain data, kept in the checkpoint. */
export interface ProducerEntry {
  readonly producerId: number;
  producerEpoch: number;
  /** Oldest first. */
  batches: ProducerBatch[];
  /** The broker's time of the last append, Unix ms; for expiry. */
  lastSeenAt: number;
  coordinatorEpoch: number;
  /** First offset of the open transaction, -1 without one. */
  transactionStart: number;
}

/** Sequences of idempotent producers (KIP-98): what repeats, what is missing, who is fenced. */
export class ProducerStates {
  private readonly entries = new Map<number, ProducerEntry>();
  /** Those of the entries that have an open transaction. */
  private readonly open = new Set<ProducerEntry>();

  /** @param budget shared by all logs of a process */
  constructor(private readonly budget = new ProducerBudget(Infinity)) {}

  get size(): number {
    return this.entries.size;
  }

  get idleCount(): number {
    return this.entries.size - this.open.size;
  }

  /** State as stored. */
  static restore(entries: readonly ProducerEntry[], budget?: ProducerBudget): ProducerStates {
    const states = new ProducerStates(budget);
    for (const stored of entries) {
      const entry = structuredClone(stored);
      states.entries.set(entry.producerId, entry);
      if (entry.transactionStart >= 0) states.open.add(entry);
    }
    states.budget.changed(states, entries.length);
    states.budget.makeRoomFor(0);
    return states;
  }

  snapshot(): ProducerEntry[] {
    return [...this.entries.values()].map((entry) => ({ ...entry, batches: [...entry.batches] }));
  }

  /**
   * Checks the batches of one append, in order, without changing anything.
   * @returns the stored batch when the first one is a repeat
   * @throws OutOfOrderSequence, ProducerFenced, InvalidTransactionState
   */
  check(headers: readonly BatchHeader[]): ProducerBatch | undefined {
    const ahead = new Map<number, { epoch: number; lastSequence: number }>();
    for (const header of headers) {
      if (header.producerId < 0) continue;
      const entry = this.entries.get(header.producerId);
      const known = ahead.get(header.producerId) ?? (entry && lastOf(entry));
      if (known !== undefined && header.producerEpoch < known.epoch) {
        throw new ProducerFenced(
          `producer ${header.producerId} has epoch ${known.epoch}, the batch ${header.producerEpoch}`,
        );
      }
      if (isControl(header)) continue;
      if (entry !== undefined && entry.transactionStart >= 0 && !isTransactional(header)) {
        throw new InvalidTransactionState(
          `producer ${header.producerId} has an open transaction, the batch is in none`,
        );
      }
      const repeated = entry && repeatOf(entry, header);
      if (repeated !== undefined) return repeated;
      if (known !== undefined) checkFollows(header, known);
      ahead.set(header.producerId, {
        epoch: header.producerEpoch,
        lastSequence: lastSequenceOf(header),
      });
    }
    return undefined;
  }

  /** Notes a stored batch of a client. */
  noteBatch(header: BatchHeader, now: number): void {
    if (header.producerId < 0) return;
    const entry = this.entryFor(header, now);
    entry.batches.push({
      baseSequence: header.baseSequence,
      lastSequence: lastSequenceOf(header),
      baseOffset: header.baseOffset,
      lastOffset: header.lastOffset,
      timestamp: header.maxTimestamp,
    });
    if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
    if (isTransactional(header) && entry.transactionStart < 0) {
      entry.transactionStart = header.baseOffset;
      this.open.add(entry);
    }
  }

  /** Notes a stored transaction marker; gives the first offset of the transaction it ended. */
  noteMarker(header: BatchHeader, marker: EndMarker, now: number): number | undefined {
    const entry = this.entryFor(header, now);
    const start = entry.transactionStart;
    entry.transactionStart = -1;
    this.open.delete(entry);
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    return start < 0 ? undefined : start;
  }

  /** First offset of the earliest open transaction. */
  get firstOpenTransaction(): number | undefined {
    let first: number | undefined;
    for (const { transactionStart } of this.open) {
      if (first === undefined || transactionStart < first) first = transactionStart;
    }
    return first;
  }

  /** Forgets producers without an open transaction that were last seen before the time. */
  expire(before: number): void {
    for (const [id, entry] of this.entries) {
      if (entry.lastSeenAt < before && entry.transactionStart < 0) this.forget(id);
    }
  }

  /** Forgets all of them: the log is closed, or another state takes this one's place. */
  clear(): void {
    const { size } = this;
    this.entries.clear();
    this.open.clear();
    this.budget.changed(this, -size);
  }

  /** Keeps about half of them, so that this is seldom; open transactions stay. */
  forgetIdle(): void {
    const idle = [...this.entries.values()].filter(({ transactionStart }) => transactionStart < 0);
    // Sorting is stable: of those seen in the same millisecond, the oldest goes first.
    idle.sort((a, b) => a.lastSeenAt - b.lastSeenAt);
    const excess = Math.ceil(this.entries.size / 2);
    for (const { producerId } of idle.slice(0, excess)) this.forget(producerId);
  }

  private forget(producerId: number): void {
    if (this.entries.delete(producerId)) this.budget.changed(this, -1);
  }

  describe(): ProducerDescription[] {
    return [...this.entries.values()].map(descriptionOf);
  }

  describeOne(producerId: number): ProducerDescription | undefined {
    const entry = this.entries.get(producerId);
    return entry && descriptionOf(entry);
  }

  private entryFor(header: BatchHeader, now: number): ProducerEntry {
    let entry = this.entries.get(header.producerId);
    if (entry === undefined) {
      entry = {
        producerId: header.producerId,
        producerEpoch: header.producerEpoch,
        batches: [],
        lastSeenAt: now,
        coordinatorEpoch: -1,
        transactionStart: -1,
      };
      // Before it is one of them: where the clock went back, it would be the first to go.
      if (this.entries.size >= MAX_PRODUCERS) this.forgetIdle();
      this.budget.makeRoomFor(1);
      this.entries.set(header.producerId, entry);
      this.budget.changed(this, 1);
    }
    if (header.producerEpoch > entry.producerEpoch) {
      entry.producerEpoch = header.producerEpoch;
      entry.batches = [];
    }
    entry.lastSeenAt = now;
    return entry;
  }
}

function lastOf(entry: ProducerEntry): { epoch: number; lastSequence: number } {
  return { epoch: entry.producerEpoch, lastSequence: entry.batches.at(-1)?.lastSequence ?? -1 };
}

function repeatOf(entry: ProducerEntry, header: BatchHeader): ProducerBatch | undefined {
  if (entry.producerEpoch !== header.producerEpoch) return undefined;
  const last = lastSequenceOf(header);
  return entry.batches.find(
    (batch) => batch.baseSequence === header.baseSequence && batch.lastSequence === last,
  );
}

function checkFollows(header: BatchHeader, known: { epoch: number; lastSequence: number }): void {
  const expected =
    header.producerEpoch > known.epoch || known.lastSequence < 0
      ? 0
      : known.lastSequence === MAX_SEQUENCE
        ? 0
        : known.lastSequence + 1;
  if (header.baseSequence !== expected) {
    throw new OutOfOrderSequence(
      `producer ${header.producerId} sent sequence ${header.baseSequence}, not ${expected}`,
    );
  }
}

function lastSequenceOf({ baseSequence, lastOffsetDelta }: BatchHeader): number {
  const last = baseSequence + lastOffsetDelta;
  return last > MAX_SEQUENCE ? last - MAX_SEQUENCE - 1 : last;
}

function descriptionOf(entry: ProducerEntry): ProducerDescription {
  return {
    producerId: entry.producerId,
    producerEpoch: entry.producerEpoch,
    lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
    lastTimestamp: entry.batches.at(-1)?.timestamp ?? -1,
    currentTransactionStartOffset: entry.transactionStart,
    coordinatorEpoch: entry.coordinatorEpoch,
  };
}
