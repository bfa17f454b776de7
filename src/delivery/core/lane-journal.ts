import type {
  CountedOnce,
  EventSummary,
  ExceptionEnd,
  ExceptionWrite,
  LaneGap,
  LaneRow,
  OperationStep,
  RetryShift,
} from './checkpoint.js';
import type { Delivery } from './delivery.js';
import type { Gap } from './position.js';

/** What one lane puts into a checkpoint. */
export interface LaneChanges {
  readonly row: LaneRow | undefined;
  readonly writes: readonly ExceptionWrite[];
  readonly ends: readonly ExceptionEnd[];
  readonly shifts: readonly (RetryShift & CountedOnce)[];
  readonly gaps: readonly LaneGap[];
  readonly operations: readonly (OperationStep & CountedOnce)[];
  /** The deliveries of `writes`, in their order. */
  readonly written: readonly Delivery[];
}

/** What a checkpoint says besides. */
export interface CheckpointMoment {
  readonly floor: number;
  readonly sequence: number;
  /** When an attempt that is under way may be made again by another owner, Unix ms. */
  readonly inFlightDue: number;
}

/** The same, as it is for one lane. */
export interface JournalMoment extends Omit<CheckpointMoment, 'floor'> {
  /** Offsets of `topicId` below it are not read again after this checkpoint. */
  readonly coveredBelow: number;
  readonly topicId: string;
}

type Place = Pick<Delivery, 'offset' | 'topicId'>;

/** Makes what a list of dead letters shows of a record. */
export type Summarise = (delivery: Delivery) => EventSummary;

const stateOf = (delivery: Delivery): ExceptionWrite['state'] => {
  if (delivery.state === 'dying') return 'dead';
  if (delivery.state === 'queued' && delivery.due === null && !delivery.recordStored) {
    return 'parked';
  }
  return 'retry';
};

/** Collects what a lane has to store, and keeps it until it is stored. Pure. */
export class LaneJournal {
  private readonly dirty = new Set<Delivery>();
  private ended: Place[] = [];
  /** Rows that are `done`, by offset: kept until the stored floor has passed them. */
  private readonly done = new Map<string, Place>();
  private shifts: (RetryShift & Partial<CountedOnce>)[] = [];
  private gaps: Gap[] = [];
  private operations: (OperationStep & Partial<CountedOnce>)[] = [];
  private rowChanged = false;

  constructor(
    private readonly subscriptionUid: string,
    private readonly summarise: Summarise,
  ) {}

  /** Whether there is anything to store that cannot wait for the next move of the floor. */
  get hasNews(): boolean {
    return (
      this.rowChanged ||
      this.dirty.size > 0 ||
      this.ended.length > 0 ||
      this.shifts.length > 0 ||
      this.gaps.length > 0 ||
      this.operations.length > 0
    );
  }

  /** Whether rows are kept as `done` until the stored floor has passed them. */
  get hasDone(): boolean {
    return this.done.size > 0;
  }

  rowMoved(): void {
    this.rowChanged = true;
  }

  write(delivery: Delivery): void {
    this.dirty.add(delivery);
  }

  /** It need not be stored after all. */
  dropWrite(delivery: Delivery): void {
    this.dirty.delete(delivery);
  }

  willWrite(delivery: Delivery): boolean {
    return this.dirty.has(delivery);
  }

  /** The delivery is over; its row, if it may have one, is to go. */
  end(delivery: Delivery): void {
    this.dirty.delete(delivery);
    if (delivery.row !== 'none') this.ended.push(delivery);
  }

  /** A row that was found `done`. */
  found(offset: number, topicId: string): void {
    this.done.set(`${topicId}/${offset}`, { offset, topicId });
  }

  /** A row of that name was made live again: what was to end it does not any more. */
  revived({ offset, topicId }: Place): void {
    this.done.delete(`${topicId}/${offset}`);
    this.ended = this.ended.filter((end) => end.offset !== offset || end.topicId !== topicId);
  }

  shift(byMs: number): void {
    this.shifts.push({ byMs });
  }

  gap(gap: Gap): void {
    this.gaps.push(gap);
  }

  step(step: OperationStep): void {
    this.operations.push(step);
  }

  /** What is to be stored now. */
  collect(row: () => LaneRow, moment: JournalMoment): LaneChanges {
    const { coveredBelow, topicId, inFlightDue, sequence: since } = moment;
    const written = [...this.dirty].filter(({ state }) => state !== 'over');
    const changes: LaneChanges = {
      row: this.rowChanged ? row() : undefined,
      writes: written.map((delivery) => this.writeOf(delivery, inFlightDue)),
      ends: this.takeEnds(coveredBelow, topicId),
      shifts: this.shifts.map((shift) => ({ since, ...shift })),
      gaps: this.gaps.map((gap) => ({ subscriptionUid: this.subscriptionUid, gap })),
      operations: this.operations.map((step) => ({ since, ...step })),
      written,
    };
    this.dirty.clear();
    this.shifts = [];
    this.gaps = [];
    this.operations = [];
    this.rowChanged = false;
    return changes;
  }

  /** The checkpoint did not come through, as far as is known: all of it is to be stored again. */
  restore(changes: LaneChanges): void {
    if (changes.row !== undefined) this.rowChanged = true;
    for (const delivery of changes.written) if (delivery.state !== 'over') this.write(delivery);
    this.ended = [...changes.ends, ...this.ended];
    this.shifts = [...changes.shifts, ...this.shifts];
    this.gaps = [...changes.gaps.map(({ gap }) => gap), ...this.gaps];
    this.operations = [...changes.operations, ...this.operations];
  }

  private takeEnds(coveredBelow: number, topicId: string): readonly ExceptionEnd[] {
    const isCovered = (end: Place): boolean => end.topicId !== topicId || end.offset < coveredBelow;
    const { subscriptionUid } = this;
    const ends: ExceptionEnd[] = [];
    for (const { offset, topicId: of } of this.ended.splice(0)) {
      const covered = isCovered({ offset, topicId: of });
      ends.push({ subscriptionUid, topicId: of, offset, covered });
      if (!covered) this.found(offset, of);
    }
    for (const [name, { offset, topicId: of }] of this.done) {
      if (!isCovered({ offset, topicId: of })) continue;
      this.done.delete(name);
      ends.push({ subscriptionUid, topicId: of, offset, covered: true });
    }
    return ends;
  }

  private writeOf(delivery: Delivery, inFlightDue: number): ExceptionWrite {
    const state = stateOf(delivery);
    const keepsRecord = state !== 'parked' && !delivery.recordStored;
    return {
      ...delivery.nameFor(this.subscriptionUid),
      state,
      orderKey: delivery.recordKey === null ? null : Buffer.from(delivery.recordKey, 'latin1'),
      attempts: delivery.attempts,
      due: state === 'retry' ? (delivery.due ?? inFlightDue) : null,
      record: keepsRecord ? (delivery.record ?? null) : null,
      summary: state === 'dead' ? this.summarise(delivery) : null,
      error: delivery.error,
      operationId: delivery.operationId,
    };
  }
}
