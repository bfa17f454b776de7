import type {
  ClaimedPartition,
  CountedOnce,
  ExceptionEnd,
  ExceptionName,
  ExceptionWrite,
  LaneRow,
  PartitionCheckpoint,
  StoredException,
} from '../checkpoint.js';
import type { Gap } from '../position.js';

/** A stored exception, with all that it keeps. */
export type ModelRow = Omit<ExceptionWrite, 'state'> & {
  readonly state: StoredException['state'];
  /** False: it was made `redrive` and its owner does not know yet. */
  readonly taken: boolean;
};

const nameOf = ({ topicId, offset }: Omit<ExceptionName, 'subscriptionUid'>): string =>
  `${topicId}/${offset}`;

/** What the docs of src/delivery/core/checkpoint.ts say, for one subscription in one partition. */
export class StoreModel {
  readonly rows = new Map<string, ModelRow>();
  readonly gaps: Gap[] = [];
  /** Deliveries of operations that came to an end. */
  readonly ended = new Map<string, number>();
  lane: LaneRow | undefined;
  place: ClaimedPartition['stored'];
  private ownerEpoch = 0;
  private sequence = 0;

  /** Rows that count against the bound. */
  get counted(): number {
    return [...this.rows.values()].filter(({ state }) => state !== 'done').length;
  }

  /** From here on everything is read again after a crash. */
  get readsFrom(): number {
    return this.lane?.fromOffset ?? this.place?.floor ?? 0;
  }

  row(topicId: string, offset: number): ModelRow | undefined {
    return this.rows.get(nameOf({ topicId, offset }));
  }

  write(checkpoint: PartitionCheckpoint): void {
    const { topicId, floor, leaderEpoch, retire } = checkpoint;
    const before = this.sequence;
    const isNew = ({ since }: CountedOnce): boolean => since > before;
    this.sequence = checkpoint.sequence;
    this.place = { topicId, floor, leaderEpoch };
    if (retire !== null) this.retire(topicId, retire);
    this.lane = checkpoint.lanes.at(-1) ?? this.lane;
    this.gaps.push(...checkpoint.gaps.map(({ gap }) => gap));
    for (const { byMs } of checkpoint.shifts.filter(isNew)) this.shift(byMs);
    for (const write of checkpoint.writes) this.store(write);
    for (const end of checkpoint.ends) this.end(end);
    for (const { operationId, delivered, failed } of checkpoint.operations.filter(isNew)) {
      this.ended.set(operationId, (this.ended.get(operationId) ?? 0) + delivered + failed);
    }
  }

  claim(subscriptionUid: string): ClaimedPartition {
    this.ownerEpoch += 1;
    this.sequence = 0;
    this.takeRedriven();
    const readsFrom = Math.min(this.readsFrom, this.place?.floor ?? 0);
    const isReadAgain = ({ topicId, offset }: ModelRow): boolean =>
      topicId === (this.place?.topicId ?? topicId) && offset >= readsFrom;
    const rows = [...this.rows.values()];
    return {
      ...PARTITION,
      ownerEpoch: this.ownerEpoch,
      stored: this.place,
      lanes: this.lane === undefined ? [] : [this.lane],
      exceptions: rows.filter((row) => row.state !== 'dead' || isReadAgain(row)).map(stored),
      counts: new Map([[subscriptionUid, this.counted]]),
    };
  }

  /** A dead letter is to be sent again. */
  redrive(row: ModelRow, operationId: string, now: number): void {
    const { error: _, summary: __, ...rest } = row;
    const anew = { ...rest, error: null, summary: null, attempts: 0, due: now, operationId };
    this.rows.set(nameOf(row), { ...anew, state: 'redrive', taken: false });
  }

  /** An event is to be sent again. @returns whether it is, and was not going to be anyway */
  resend(event: Omit<ModelRow, 'state' | 'taken'>): boolean {
    const present = this.row(event.topicId, event.offset);
    if (present !== undefined && !['dead', 'done'].includes(present.state)) return false;
    this.rows.set(nameOf(event), { ...event, state: 'redrive', taken: false });
    return true;
  }

  delete(row: ModelRow): void {
    this.rows.delete(nameOf(row));
  }

  takeRedriven(): readonly StoredException[] {
    const found = [...this.rows.values()].filter(({ taken }) => !taken);
    for (const row of found) this.rows.set(nameOf(row), { ...row, taken: true });
    return found.map(stored).toSorted((one, other) => one.offset - other.offset);
  }

  private retire(topicId: string, { fromOffset, as }: { fromOffset: number; as: string }): void {
    for (const row of this.rows.values()) {
      if (row.topicId !== topicId || row.offset < fromOffset) continue;
      this.delete(row);
      this.rows.set(nameOf({ ...row, topicId: as }), { ...row, topicId: as });
    }
  }

  private shift(byMs: number): void {
    for (const [name, row] of this.rows) {
      if (row.state === 'retry') this.rows.set(name, { ...row, due: (row.due ?? 0) + byMs });
    }
  }

  private store(write: ExceptionWrite): void {
    const present = this.rows.get(nameOf(write));
    if (present?.taken === false) return;
    const record = write.record ?? present?.record ?? null;
    this.rows.set(nameOf(write), { ...write, record, taken: true });
  }

  private end(end: ExceptionEnd): void {
    const present = this.rows.get(nameOf(end));
    if (present === undefined || !present.taken) return;
    if (end.covered) this.delete(present);
    else this.rows.set(nameOf(end), { ...present, state: 'done', record: null, operationId: null });
  }
}

/** The one partition of the model. */
export const PARTITION = { topic: 'topic', partition: 0 };

const stored = ({ subscriptionUid, topicId, offset, ...row }: ModelRow): StoredException => ({
  ...PARTITION,
  subscriptionUid,
  topicId,
  offset,
  state: row.state,
  orderKey: row.orderKey,
  attempts: row.attempts,
  due: row.due,
  operationId: row.operationId,
});
