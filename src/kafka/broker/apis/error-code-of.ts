import { ErrorCode, KafkaError } from '../protocol/error-codes.js';
import { RecordsError } from '../records/records.errors.js';
import { StorageError } from '../storage/storage.errors.js';

/** The protocol's code for whatever was thrown; what nobody foresaw is UNKNOWN_SERVER_ERROR. */
export function errorCodeOf(error: unknown): number {
  if (error instanceof KafkaError) return error.code;
  if (error instanceof StorageError || error instanceof RecordsError) return error.kafkaCode;
  return ErrorCode.UNKNOWN_SERVER_ERROR;
}
