import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { RecordsError } from '../records/records.errors.js';
import { StorageError } from '../storage/storage.errors.js';

/**
 * The protocol's code for whatever was thrown: KAFKA_STORAGE_ERROR for what the operating system
 * refuses (a full disk, too many open files), UNKNOWN_SERVER_ERROR for what nobody foresaw.
 */
export function errorCodeOf(error: unknown): number {
  if (error instanceof KafkaError) return error.code;
  if (error instanceof StorageError || error instanceof RecordsError) return error.kafkaCode;
  return isSystemError(error) ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.UNKNOWN_SERVER_ERROR;
}

/**
 * The same for what groups and transactions keep: clients take COORDINATOR_NOT_AVAILABLE from a
 * coordinator for a reason to ask again, KAFKA_STORAGE_ERROR for the end.
 */
export function coordinatorErrorOf(error: unknown): number {
  const code = errorCodeOf(error);
  return code === ErrorCode.KAFKA_STORAGE_ERROR ? ErrorCode.COORDINATOR_NOT_AVAILABLE : code;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}
