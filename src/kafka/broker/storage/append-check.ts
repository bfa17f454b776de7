import { isControl, isTransactional, type BatchHeader } from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { checkRecords, type RecordCheck } from '../records/check-records.js';
import { maxDecompressedBytes } from '../records/compression/codec.js';
import { DecompressionBudget } from '../records/compression/decompression-budget.js';
import { InvalidRecords } from '../records/records.errors.js';
import { type LogConfig } from './log-config.js';
import { type AppendOptions } from './log-types.js';
import { InvalidTimestamp, InvalidTransactionState, MessageTooLarge } from './storage.errors.js';

/** What a time is where there is none. */
const NO_TIME = -1;

/**
 * What a topic's configuration and the sender's role say about batches that came over undamaged.
 * Opens compressed ones only where the topic is compacted, as there each record needs a key, and
 * where it bounds the age of records.
 * @param now the broker's time, Unix ms
 * @throws MessageTooLarge, InvalidRecords, UnsupportedCompression, InvalidTimestamp,
 *   InvalidTransactionState, and what `admit` throws
 */
export function checkBatches(
  batches: readonly BatchView[],
  config: LogConfig,
  { origin = 'client', admit, decompression = new DecompressionBudget() }: AppendOptions,
  now: number,
): void {
  if (batches.length === 0) throw new InvalidRecords('there is no batch');
  for (const batch of batches) {
    const { header, bytes } = batch;
    const tooLarge = origin === 'client' && bytes.length > config.maxMessageBytes;
    if (tooLarge) {
      throw new MessageTooLarge(
        `a batch of ${bytes.length} bytes, ${config.maxMessageBytes} allowed`,
      );
    }
    if (isControl(header) && origin === 'client') {
      throw new InvalidRecords('clients may not write control batches');
    }
    if (isTransactional(header) && header.producerId < 0) {
      throw new InvalidTransactionState('a transactional batch without a producer id');
    }
    if (header.producerId >= 0) admit?.(header);
    if (origin === 'client') {
      checkNewest(header, config, now);
      checkRecords(batch, recordCheck(config, now, decompression));
    }
  }
}

function checkNewest({ maxTimestamp }: BatchHeader, config: LogConfig, now: number): void {
  if (config.messageTimestampType !== 'CreateTime') return;
  if (maxTimestamp - now > config.timestampAfterMaxMs) {
    throw new InvalidTimestamp(`a time of ${maxTimestamp}, which is too far in the future`);
  }
}

/** What is asked of each record; undefined where nothing is. */
function recordCheck(
  config: LogConfig,
  now: number,
  budget: DecompressionBudget,
): RecordCheck | undefined {
  const { timestampBeforeMaxMs, messageTimestampType, maxMessageBytes } = config;
  const needsKey = config.cleanupPolicy !== 'delete';
  // Nothing since 1970 is older: records need not be looked into.
  const needsTime = messageTimestampType === 'CreateTime' && timestampBeforeMaxMs <= now;
  if (!needsKey && !needsTime) return undefined;
  return {
    look(timestamp, hasKey) {
      if (needsKey && !hasKey) {
        throw new InvalidRecords('a compacted topic needs a key on each record');
      }
      if (needsTime && timestamp !== NO_TIME && now - timestamp > timestampBeforeMaxMs) {
        throw new InvalidTimestamp(`a time of ${timestamp}, which is too long ago`);
      }
    },
    decompress: (open) => budget.spend(maxDecompressedBytes(maxMessageBytes), open),
  };
}
