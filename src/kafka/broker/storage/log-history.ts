import { isControl, type BatchHeader } from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { parseEndMarker } from '../records/control-batch.js';
import { type ProducerBudget } from './producer-budget.js';
import { ProducerStates, type ProducerEntry } from './producer-state.js';
import { TransactionIndex } from './transaction-index.js';

/** A finished transaction whose marker is not known to be durable. */
interface FinishedTransaction {
  readonly firstOffset: number;
  readonly markerOffset: number;
}

/**
 * What batches do to producers and transactions: applied to each stored batch in order, at append
 * and again by recovery.
 */
export class LogHistory {
  private finished: FinishedTransaction[] = [];

  constructor(
    readonly producers: ProducerStates = new ProducerStates(),
    readonly aborted: TransactionIndex = new TransactionIndex(),
  ) {}

  static restore(
    producers: readonly ProducerEntry[],
    aborted: TransactionIndex,
    budget: ProducerBudget,
  ): LogHistory {
    return new LogHistory(ProducerStates.restore(producers, budget), aborted);
  }

  /** Takes a stored batch; its header has its final offsets. */
  apply({ header, bytes }: BatchView, now: number): void {
    if (isControl(header)) this.applyMarker(header, bytes, now);
    else this.producers.noteBatch(header, now);
  }

  /** First offset that a committed read may not pass, under this high watermark. */
  lastStableOffset(highWatermark: number): number {
    this.settle(highWatermark);
    let stable = this.producers.firstOpenTransaction ?? highWatermark;
    for (const { firstOffset } of this.finished) stable = Math.min(stable, firstOffset);
    return Math.min(stable, highWatermark);
  }

  /** Forgets finished transactions whose marker lies before the high watermark. */
  settle(highWatermark: number): void {
    if (this.finished.length === 0) return;
    this.finished = this.finished.filter(({ markerOffset }) => markerOffset >= highWatermark);
  }

  private applyMarker(header: BatchHeader, bytes: Buffer, now: number): void {
    const marker = parseEndMarker(bytes);
    if (marker === undefined) return;
    const firstOffset = this.producers.noteMarker(header, marker, now);
    if (firstOffset === undefined) return;
    this.finished.push({ firstOffset, markerOffset: header.lastOffset });
    if (marker.outcome === 'commit') return;
    const { producerId, lastOffset } = header;
    const lastStableOffset = this.producers.firstOpenTransaction ?? lastOffset + 1;
    this.aborted.add({ producerId, firstOffset, lastOffset, lastStableOffset });
  }
}
