import type { ProducerStamp } from '../protocol/encode-batch.js';

const MAX_EPOCH = 32_767;
const MAX_SEQUENCE = 2_147_483_647;

/**
 * Numbers one partition's batches for Kafka's duplicate check. When a batch fails and may be
 * stored all the same, the epoch is raised and numbering starts anew: the next batch fences the
 * former epoch in that partition, so the lost one lands before it or never. That is what keeps a
 * late success from overtaking (the Java client does the same, for all partitions at once).
 */
export class ProducerSequence {
  private id: bigint | undefined;
  private epoch = 0;
  private next = 0;

  /** Whether a producer id is at hand; `adopt` gives one. */
  get ready(): boolean {
    return this.id !== undefined;
  }

  /** Starts anew under a producer id that wrote nothing to this partition. */
  adopt(producerId: bigint): void {
    this.id = producerId;
    this.epoch = 0;
    this.next = 0;
  }

  /** The stamp of the batch that is sent next; the same until `advance` or a new epoch. */
  stamp(): ProducerStamp {
    return {
      producerId: this.id ?? -1n,
      producerEpoch: this.epoch,
      baseSequence: this.next,
    };
  }

  /** `count` records were stored. Numbers wrap to 0 after 2^31 - 1. */
  advance(count: number): void {
    const ahead = this.next + count;
    this.next = ahead > MAX_SEQUENCE ? ahead - MAX_SEQUENCE - 1 : ahead;
  }

  /** A new epoch; a new producer id is due when the epochs are used up. */
  raiseEpoch(): void {
    this.epoch += 1;
    this.next = 0;
    if (this.epoch > MAX_EPOCH) this.id = undefined;
  }

  /** Drops the producer id: another one is due. */
  abandonId(): void {
    this.id = undefined;
  }
}
