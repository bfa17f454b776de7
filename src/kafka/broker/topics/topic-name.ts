import { ErrorCode, KafkaError } from '../protocol/error-codes.js';

const LEGAL = /^[a-zA-Z0-9._-]+$/;
const MAX_LENGTH = 249;

/** @throws KafkaError INVALID_TOPIC_EXCEPTION where Kafka refuses the name too. */
export function validateTopicName(name: string): void {
  const problem = problemOf(name);
  if (problem) throw new KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, problem);
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`;
  if (name.length > MAX_LENGTH) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${MAX_LENGTH}`;
  }
  if (!LEGAL.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}

/** Names that differ only in `.` and `_` collide, since Kafka's metrics cannot tell them apart. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}
