import {
  LogRequestInvalid,
  LogTopicExists,
  LogTopicGone,
  LogUnavailable,
  type LogError,
} from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';

const invalid: ReadonlySet<number> = new Set([
  kafkaErrors.INVALID_TOPIC_EXCEPTION,
  kafkaErrors.INVALID_PARTITIONS,
  kafkaErrors.INVALID_REPLICATION_FACTOR,
  kafkaErrors.INVALID_REPLICA_ASSIGNMENT,
  kafkaErrors.INVALID_CONFIG,
  kafkaErrors.INVALID_REQUEST,
  kafkaErrors.POLICY_VIOLATION,
]);

/** The error of an administrative answer; undefined for success. */
export const refusalOf = (
  topic: string,
  code: number,
  detail?: string | null,
): LogError | undefined => {
  if (code === kafkaErrors.NONE) return undefined;
  if (code === kafkaErrors.TOPIC_ALREADY_EXISTS) {
    return new LogTopicExists(`Topic ${topic} is already in Kafka.`);
  }
  if (code === kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION || code === kafkaErrors.UNKNOWN_TOPIC_ID) {
    return new LogTopicGone(`Topic ${topic} is not in Kafka.`);
  }
  const reason = detail ?? kafkaErrorName(code);
  return invalid.has(code)
    ? new LogRequestInvalid(`Kafka refuses this for topic ${topic}: ${reason}`)
    : new LogUnavailable(`Kafka cannot do this for topic ${topic} now: ${reason}`);
};

/** @throws LogError when the answer's code is an error */
export const demandSuccess = (topic: string, code: number, detail?: string | null): void => {
  const refusal = refusalOf(topic, code, detail);
  if (refusal !== undefined) throw refusal;
};
