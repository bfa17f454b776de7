import { isControl, isTransactional } from '../records/batch-header.js';
import { type BatchView } from '../records/batches.js';
import { recordsOf } from '../records/records.js';
import { InvalidRecords } from '../records/records.errors.js';
import { type LogConfig } from './log-config.js';
import { type AppendOptions } from './log-types.js';
import { InvalidTransactionState, MessageTooLarge } from './storage.errors.js';

/**
 * What a topic's configuration and the sender's role say about sound batches. Looks into records
 * only where the topic is compacted: there each needs a key.
 * @throws MessageTooLarge, InvalidRecords, InvalidTransactionState
 */
export function checkBatches(
  batches: readonly BatchView[],
  config: LogConfig,
  origin: NonNullable<AppendOptions['origin']>,
): void {
  if (batches.length === 0) throw new InvalidRecords('there is no batch');
  for (const { header, bytes } of batches) {
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
    if (config.cleanupPolicy !== 'delete' && !isControl(header)) checkKeys(bytes);
  }
}

function checkKeys(batch: Buffer): void {
  for (const { key } of recordsOf(batch)) {
    if (key === null) throw new InvalidRecords('a compacted topic needs a key on each record');
  }
}
