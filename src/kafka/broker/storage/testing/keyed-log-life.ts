import { setImmediate } from 'node:timers/promises';
import { isControl, isTransactional } from '../../records/batch-header.js';
import { batchesIn, endOffsetOf } from '../../records/batches.js';
import { encodeEndMarker } from '../../records/control-batch.js';
import { recordsOf } from '../../records/records.js';
import { type PartitionLog } from '../partition-log.js';
import { batchOf } from './log-fixture.js';

const KEYS = 12;
/** The value of what was aborted, in each case. */
const ABORTED = 'aborted';

/** A value given to a key, `` being none; later attempts have greater numbers. */
interface Attempt {
  readonly number: number;
  readonly value: string;
}

/**
 * What was promised of a compacted log over several lives of its process: of each key it has the
 * value that was acknowledged last, or one that was tried later.
 */
export class KeyedLogLife {
  /** The log's time, Unix ms. */
  now = 10_000;
  private readonly acknowledged = new Map<string, Attempt>();
  private readonly attempts = new Map<string, Attempt[]>();
  private count = 0;
  private end = 0;
  private nextProducer = 1_000;

  constructor(private readonly random: () => number) {}

  /** Appends and compacts at random. @param isOver the process has died */
  async go(log: PartitionLog, isOver: () => boolean): Promise<void> {
    for (let steps = 30 + Math.floor(this.random() * 100); steps > 0; steps--) {
      const job = this.step(log, isOver).catch(() => undefined);
      if (this.random() < 0.5) await job;
      else await setImmediate();
    }
    for (let turns = Math.floor(this.random() * 12); turns > 0; turns--) await setImmediate();
  }

  /** What of the promises does not hold in the log as it was opened again. */
  async broken(log: PartitionLog): Promise<readonly string[]> {
    await abortAll(log);
    const problems: string[] = [];
    if (log.lastStableOffset !== log.endOffset) problems.push(`stable to ${log.lastStableOffset}`);
    if (log.endOffset < this.end) problems.push(`ends at ${log.endOffset}, not ${this.end}`);
    const found = await committedValues(log);
    for (const [key, { number, value }] of this.acknowledged) {
      const left = found.get(key) ?? '';
      const right = this.attempts.get(key)!.filter((attempt) => attempt.number >= number);
      if (right.some((attempt) => attempt.value === left)) continue;
      problems.push(`${key} is ${left.slice(0, 8)}, not ${value.slice(0, 8)}`);
    }
    for (const [key, value] of found) if (value === ABORTED) problems.push(`${key} is shown`);
    return problems;
  }

  private async step(log: PartitionLog, isOver: () => boolean): Promise<void> {
    const chance = this.random();
    if (chance < 0.6) return await this.append(log, isOver);
    if (chance < 0.75) return await this.transaction(log, isOver);
    if (chance >= 0.94) return void (await log.deleteRecordsBefore(0));
    this.now += Math.floor(this.random() * 20);
    await log.cleanOnce(this.now);
  }

  private async append(log: PartitionLog, isOver: () => boolean): Promise<void> {
    const written = [this.attempt(), this.attempt()];
    const { lastOffset } = await log.append(
      batchOf(written.map(({ key, value }) => `${key}=${value}`)),
    );
    if (isOver()) return;
    this.end = Math.max(this.end, lastOffset + 1);
    for (const one of written) this.acknowledge(one.key, one);
  }

  private async transaction(log: PartitionLog, isOver: () => boolean): Promise<void> {
    const producer = { producerId: this.nextProducer++, producerEpoch: 0 };
    const commits = this.random() < 0.5;
    const one = commits ? this.attempt() : { key: this.anyKey(), number: 0, value: ABORTED };
    const record = batchOf([`${one.key}=${one.value}`], {
      ...producer,
      baseSequence: 0,
      transactional: true,
    });
    await log.append(record);
    const marker = { outcome: commits ? 'commit' : 'abort', coordinatorEpoch: 0 } as const;
    const { lastOffset } = await log.append(
      encodeEndMarker(marker, { ...producer, timestamp: 1 }),
      { origin: 'coordinator' },
    );
    if (isOver()) return;
    this.end = Math.max(this.end, lastOffset + 1);
    if (commits) this.acknowledge(one.key, one);
  }

  private anyKey(): string {
    return `k${Math.floor(this.random() * KEYS)}`;
  }

  private attempt(): Attempt & { readonly key: string } {
    const key = this.anyKey();
    const number = ++this.count;
    const isTombstone = this.random() < 0.25;
    const value = isTombstone ? '' : `${number}-${'x'.repeat(Math.floor(this.random() * 300))}`;
    this.attempts.set(key, [...(this.attempts.get(key) ?? []), { number, value }]);
    return { key, number, value };
  }

  private acknowledge(key: string, attempt: Attempt): void {
    if (attempt.number > (this.acknowledged.get(key)?.number ?? 0)) {
      this.acknowledged.set(key, attempt);
    }
  }
}

/** As the coordinator does with what a crash has left open. */
async function abortAll(log: PartitionLog): Promise<void> {
  for (const { producerId, producerEpoch, currentTransactionStartOffset } of log.producers()) {
    if (currentTransactionStartOffset < 0) continue;
    const marker = encodeEndMarker(
      { outcome: 'abort', coordinatorEpoch: 0 },
      { producerId, producerEpoch, timestamp: 1 },
    );
    await log.append(marker, { origin: 'coordinator' });
  }
}

/** The newest committed value of each key, as a consumer would find it. */
async function committedValues(log: PartitionLog): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (let at = log.startOffset; at < log.lastStableOffset;) {
    const { records, abortedTransactions } = await log.readCommitted(at, 2_000);
    const isAborted = (producerId: number, offset: number): boolean =>
      abortedTransactions.some(
        (one) =>
          one.producerId === producerId && one.firstOffset <= offset && offset < one.lastOffset,
      );
    for (const { header, bytes } of batchesIn(records)) {
      if (isControl(header)) continue;
      if (isTransactional(header) && isAborted(header.producerId, header.baseOffset)) continue;
      for (const { key, value } of recordsOf(bytes)) values.set(String(key), String(value ?? ''));
    }
    const end = endOffsetOf(records, at);
    if (end === at) break;
    at = end;
  }
  return values;
}
