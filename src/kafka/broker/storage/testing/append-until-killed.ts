/**
 * Appends without end to the log in the directory of the first argument, and prints each offset
 * once it is acknowledged. A process of its own, so that a test can kill it.
 */
import { encodeBatch } from '../../records/encode-batch.js';
import { DEFAULT_LOG_CONFIG } from '../log-config.js';
import { PartitionLog } from '../partition-log.js';

const log = await PartitionLog.open({
  directory: process.argv[2]!,
  config: () => ({ ...DEFAULT_LOG_CONFIG, segmentBytes: 50_000 }),
  leaderEpoch: 0,
  fsync: 'never',
});
for (let index = 0; ; index++) {
  const record = { key: null, value: Buffer.from(`value-${index}`), timestamp: 1_000 };
  const { baseOffset } = await log.append(encodeBatch([record]));
  if (!process.stdout.write(`${baseOffset}\n`)) {
    await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}
