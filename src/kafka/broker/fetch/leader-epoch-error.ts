import { ErrorCode } from '../protocol/error-codes.js';
import type { PartitionLog } from '../storage/partition-log.js';

/** Whether the epoch that a client takes for the leader's is the present one (-1: it does not say). */
export function leaderEpochError(log: PartitionLog, epoch: number): ErrorCode {
  if (epoch < 0 || epoch === log.leaderEpoch) return ErrorCode.NONE;
  return epoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}
