import { isControl, isTransactional } from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { checkRecords } from '../records/check-records.js';
import { maxDecompressedBytes } from '../records/compression/codec.js';
import { recordsOf } from '../records/records.js';
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
  { origin = 'client', admit }: AppendOptions,
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
    if (origin === 'client') checkRecords(batch);
    if (isTransactional(header) && header.producerId < 0) {
      throw new InvalidTransactionState('a transactional batch without a producer id');
    }
    if (isTransactional(header)) admit?.(header);
    if (config.cleanupPolicy !== 'delete' && !isControl(header))
      checkKeys(bytes, maxDecompressedBytes(config.maxMessageBytes));
    if (config.messageTimestampType === 'CreateTime' && origin === 'client')
      checkTimes(batch, config, now);
  }
}

function checkTimes({ header, bytes }: BatchView, config: LogConfig, now: number): void {
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = config;
  if (header.maxTimestamp - now > timestampAfterMaxMs) {
    throw new InvalidTimestamp(`a time of ${header.maxTimestamp}, which is too far in the future`);
  }
  // Nothing since 1970 is that old: records need not be looked into.
  if (timestampBeforeMaxMs > now) return;
  for (const { timestamp } of recordsOf(bytes, maxDecompressedBytes(config.maxMessageBytes))) {
    if (timestamp !== NO_TIME && now - timestamp > timestampBeforeMaxMs) {
      throw new InvalidTimestamp(`a time of ${timestamp}, which is too long ago`);
    }
  }
}

function checkKeys(batch: Buffer, maxBytes: number): void {
  for (const { key } of recordsOf(batch, maxBytes)) {
    if (key === null) throw new InvalidRecords('a compacted topic needs a key on each record');
  }
}
