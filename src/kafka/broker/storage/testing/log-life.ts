import { setImmediate } from 'node:timers/promises';
import { isControl, isTransactional } from '../../records/batch-header.js';
import { batchesIn, endOffsetOf } from '../../records/batches.js';
import { encodeEndMarker } from '../../records/control-batch.js';
import { recordsOf } from '../../records/records.js';
import { type PartitionLog } from '../partition-log.js';
import { batchOf } from './log-fixture.js';

const PRODUCER = { producerId: 1, producerEpoch: 0 };
/** So many batches of a producer are recognised when they are repeated. */
const REMEMBERED = 5;

/** How a log is used, and what is promised of it. */
export interface LogLifeOptions {
  /** Records are deleted, and the log is cleaned. */
  readonly cleans: boolean;
  /** All that was acknowledged is to be there again, or else what was before the last `flush`. */
  readonly keepsAll: boolean;
}

/** What was promised of a log over several lives of its process, and whether it still holds. */
export class LogLife {
  private readonly acknowledged = new Map<number, string>();
  private leastStart = 0;
  /** What is before it is to be there in each case. */
  private flushedTo = 0;
  private lastAppend: { sequence: number; offset: number; value: string } | undefined;
  private nextTransaction = 1_000;

  constructor(
    private readonly random: () => number,
    private readonly options: LogLifeOptions,
  ) {}

  /** Appends, aborts transactions, deletes and cleans at random. @param isOver the process has died */
  async go(log: PartitionLog, isOver: () => boolean): Promise<void> {
    const jobs: Promise<unknown>[] = [];
    const life = { log, isOver, jobs, sequence: lastSequenceOf(log) + 1, refused: false };
    for (let steps = 20 + Math.floor(this.random() * 80); steps > 0; steps--) {
      await this.step(life);
    }
    for (let turns = Math.floor(this.random() * 12); turns > 0; turns--) await setImmediate();
    void Promise.allSettled(jobs);
  }

  /** What of the promises does not hold in the log as it was opened again. */
  async broken(log: PartitionLog): Promise<readonly string[]> {
    const found = await readWhole(log);
    const problems = [...found.problems];
    if (log.startOffset === 0) problems.push(...(await transactionProblems(log, found)));
    const keptTo = this.options.keepsAll ? Infinity : this.flushedTo;
    for (const [offset, value] of this.acknowledged) {
      if (offset >= log.startOffset && offset < keptTo && found.values.get(offset) !== value) {
        problems.push(`${offset} was acknowledged as ${value.slice(0, 8)}`);
      }
    }
    if (!this.options.keepsAll) {
      // What was lost may come again as something else.
      for (const offset of this.acknowledged.keys()) {
        if (offset >= log.endOffset) this.acknowledged.delete(offset);
      }
      return problems;
    }
    if (log.startOffset < this.leastStart) problems.push(`begins at ${log.startOffset} again`);
    problems.push(...(await this.repeatProblems(log)));
    return problems;
  }

  private async step(life: Life): Promise<void> {
    const { log, jobs } = life;
    const chance = this.random();
    let job: Promise<unknown> | undefined;
    if (chance < 0.5) return await this.append(life);
    if (chance < 0.65) job = this.abortedTransaction(log);
    else if (chance < 0.72 && this.options.cleans) job = this.deleteRecords(life);
    else if (chance < 0.76 && this.options.cleans) job = log.cleanOnce();
    else if (chance < 0.82) job = log.deleteRecordsBefore(log.startOffset);
    else if (chance < 0.86) job = this.flush(life);
    if (job === undefined) return void (await setImmediate());
    const settled = job.catch(() => undefined);
    jobs.push(settled);
    if (this.random() < 0.5) await settled;
  }

  private async append(life: Life): Promise<void> {
    const { log } = life;
    if (life.refused) {
      await Promise.all(life.jobs);
      for (let turns = 0; turns < 40; turns++) await setImmediate();
      life.sequence = lastSequenceOf(log) + 1;
      life.refused = false;
    }
    const sequence = life.sequence++;
    const value = `${sequence}-${'x'.repeat(Math.floor(this.random() * 900))}`;
    const appended = log.append(batchOf([value], { ...PRODUCER, baseSequence: sequence })).then(
      ({ baseOffset }) => this.acknowledge(life, { sequence, offset: baseOffset, value }),
      () => (life.refused = true),
    );
    life.jobs.push(appended);
    if (this.random() < 0.4) await appended;
  }

  private acknowledge({ isOver }: Life, appended: NonNullable<LogLife['lastAppend']>): void {
    if (isOver()) return;
    this.acknowledged.set(appended.offset, appended.value);
    if (appended.sequence > (this.lastAppend?.sequence ?? -1)) this.lastAppend = appended;
  }

  private async abortedTransaction(log: PartitionLog): Promise<void> {
    const producer = { producerId: this.nextTransaction++, producerEpoch: 0 };
    const batches = this.random() < 0.5 ? 1 : 2;
    for (let baseSequence = 0; baseSequence < batches; baseSequence++) {
      const value = 'y'.repeat(Math.floor(this.random() * 500));
      await log.append(batchOf([value], { ...producer, baseSequence, transactional: true }));
    }
    const marker = { outcome: 'abort', coordinatorEpoch: 0 } as const;
    await log.append(encodeEndMarker(marker, { ...producer, timestamp: 1 }), {
      origin: 'coordinator',
    });
  }

  private async flush({ log, isOver }: Life): Promise<void> {
    const { endOffset } = log;
    await log.flush();
    if (!isOver()) this.flushedTo = Math.max(this.flushedTo, endOffset);
  }

  private async deleteRecords({ log, isOver }: Life): Promise<void> {
    const asked = Math.floor(this.random() * log.highWatermark * 0.4);
    const start = await log.deleteRecordsBefore(asked);
    // A later start is told, but is retention's: that nothing comes again of it nobody has promised.
    if (!isOver()) this.leastStart = Math.max(this.leastStart, Math.min(start, asked));
  }

  /** The last append that was acknowledged, sent again, is no new one. */
  private async repeatProblems(log: PartitionLog): Promise<readonly string[]> {
    const { lastAppend } = this;
    if (lastAppend === undefined || lastSequenceOf(log) >= lastAppend.sequence + REMEMBERED) {
      return [];
    }
    const { sequence, offset, value } = lastAppend;
    const again = batchOf([value], { ...PRODUCER, baseSequence: sequence });
    const result = await log.append(again).catch((error: Error) => error);
    if (!(result instanceof Error) && result.duplicate && result.baseOffset === offset) return [];
    return [`sequence ${sequence}, sent again, gave ${JSON.stringify(result)}`];
  }
}

interface Life {
  readonly log: PartitionLog;
  readonly isOver: () => boolean;
  readonly jobs: Promise<unknown>[];
  sequence: number;
  refused: boolean;
}

interface WholeLog {
  readonly problems: readonly string[];
  readonly values: ReadonlyMap<number, string>;
  /** First offset and marker's offset of each transaction that has ended. */
  readonly ended: readonly string[];
  /** First offset of the earliest that has not. */
  readonly firstOpen: number | undefined;
}

async function readWhole(log: PartitionLog): Promise<WholeLog> {
  const problems: string[] = [];
  const values = new Map<number, string>();
  const open = new Map<number, number>();
  const ended: string[] = [];
  for (let at = log.startOffset; at < log.endOffset;) {
    const slice = await log.read(at, 5_000);
    if (slice.length === 0) {
      problems.push(`nothing at ${at} of ${log.endOffset}`);
      break;
    }
    for (const { header, bytes } of batchesIn(slice)) {
      const { baseOffset, lastOffset, producerId } = header;
      if (baseOffset !== at) problems.push(`${baseOffset} came at ${at}`);
      at = lastOffset + 1;
      if (isControl(header)) {
        ended.push(`${open.get(producerId)}-${lastOffset}`);
        open.delete(producerId);
        continue;
      }
      for (const { offset, value } of recordsOf(bytes)) values.set(offset, String(value));
      if (isTransactional(header) && !open.has(producerId)) open.set(producerId, baseOffset);
    }
  }
  for (let offset = log.startOffset; offset < log.endOffset; offset++) {
    const [batch] = batchesIn(await log.read(offset, 10));
    if (batch?.header.baseOffset !== offset) problems.push(`${offset} cannot be found`);
  }
  const firstOpen = open.size === 0 ? undefined : Math.min(...open.values());
  return { problems, values, ended, firstOpen };
}

/** Of a log that has all records from its first on; each transaction in it was aborted. */
async function transactionProblems(
  log: PartitionLog,
  { ended, firstOpen }: WholeLog,
): Promise<readonly string[]> {
  const stable = firstOpen ?? log.endOffset;
  if (log.lastStableOffset !== stable) {
    return [`stable to ${log.lastStableOffset}, not ${stable}`];
  }
  const listed = new Set<string>();
  for (let at = 0; at < stable;) {
    const { records, abortedTransactions } = await log.readCommitted(at, 5_000);
    for (const { firstOffset, lastOffset } of abortedTransactions) {
      listed.add(`${firstOffset}-${lastOffset}`);
    }
    at = endOffsetOf(records, stable);
  }
  const expected = ended.filter((transaction) => Number.parseInt(transaction, 10) < stable);
  const [told, right] = [[...listed].sort().join(), [...expected].sort().join()];
  return told === right ? [] : [`aborted are ${right}, told ${told}`];
}

function lastSequenceOf(log: PartitionLog): number {
  return log.producer(PRODUCER.producerId)?.lastSequence ?? -1;
}
