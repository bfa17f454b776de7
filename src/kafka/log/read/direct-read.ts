import { retrying } from '../cluster/retrying.js';
import type { OffsetLookup } from '../admin/offset-lookup.js';
import { LogOffsetOutOfRange, LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';
import type { FetchResult } from '../protocol/fetch.js';
import type { Fetcher, Leader, PartitionAddress } from './fetcher.js';

const DIRECT_BYTES = 1024 * 1024;
const RETRY_WITHIN_MS = 5_000;
/** A topic that metadata does not show is looked for this often: brokers learn of new ones late. */
const LOOKS_BEFORE_GONE = 3;

/**
 * Reads at an offset on the catch-up connection and judges what goes wrong: the one place that
 * tells a moved leader, a topic that is gone and an offset that is out of range apart.
 */
export class DirectRead {
  constructor(
    private readonly fetcher: Fetcher,
    private readonly offsets: OffsetLookup,
  ) {}

  /**
   * What is at `offset` now; empty at the end of the log.
   * @throws LogOffsetOutOfRange
   * @throws LogTopicGone
   * @throws LogUnavailable
   */
  async read(address: PartitionAddress, offset: number): Promise<FetchResult> {
    let failed = false;
    let missing = 0;
    return retrying(async () => {
      try {
        const leader = await this.fetcher[failed ? 'relocate' : 'locate'](address);
        return await this.fetch(address, offset, leader);
      } catch (error) {
        failed = true;
        if (!(error instanceof LogTopicGone)) throw error;
        missing += 1;
        if (missing >= LOOKS_BEFORE_GONE) throw error;
        throw new LogUnavailable(error.message, {}, { cause: error });
      }
    }, RETRY_WITHIN_MS);
  }

  private async fetch(
    address: PartitionAddress,
    offset: number,
    { broker, leaderEpoch }: Leader,
  ): Promise<FetchResult> {
    const part = { ...address, leaderEpoch, offset, maxBytes: DIRECT_BYTES };
    const request = { parts: [part], maxWaitMs: 0, maxBytes: DIRECT_BYTES };
    const result = (await this.fetcher.fetch(broker, 'catch-up', request))(part);
    if (result?.errorCode === kafkaErrors.NONE) return result;
    if (result?.errorCode === kafkaErrors.OFFSET_OUT_OF_RANGE) {
      throw await this.outOfRange(address, offset);
    }
    const reason = result === undefined ? 'no answer' : kafkaErrorName(result.errorCode);
    throw new LogUnavailable(`${address.topic}/${address.partition} cannot be read: ${reason}.`);
  }

  /** Bounds may have moved meanwhile: then it is worth another try. */
  private async outOfRange(
    address: PartitionAddress,
    requested: number,
  ): Promise<LogOffsetOutOfRange | LogUnavailable> {
    await this.fetcher.relocate(address);
    const startOffset = (await this.offsets.offsets(address.topic, 'earliest')).get(
      address.partition,
    );
    const endOffset = (await this.offsets.offsets(address.topic, 'latest')).get(address.partition);
    if (startOffset === undefined || endOffset === undefined) {
      return new LogUnavailable(`The bounds of ${address.topic} are not known now.`);
    }
    return requested >= startOffset && requested <= endOffset
      ? new LogUnavailable(`The bounds of ${address.topic} moved.`)
      : new LogOffsetOutOfRange({ requested, startOffset, endOffset });
  }
}
