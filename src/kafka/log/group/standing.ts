import { LogRequestInvalid, LogUnavailable, type LogError } from '../log.errors.js';
import { kafkaErrorName, kafkaErrors } from '../protocol/error-codes.js';

/**
 * How a member stands in its group, by Kafka's answer to one of its requests. `rejoin`: a new
 * generation is being made. `outdated`: the request names another generation than the current
 * one. `unknown`: Kafka does not know this member (any more).
 */
export type Standing = 'member' | 'rejoin' | 'outdated' | 'unknown';

const standings: ReadonlyMap<number, Standing> = new Map([
  [kafkaErrors.NONE, 'member'],
  [kafkaErrors.REBALANCE_IN_PROGRESS, 'rejoin'],
  [kafkaErrors.MEMBER_ID_REQUIRED, 'rejoin'],
  [kafkaErrors.ILLEGAL_GENERATION, 'outdated'],
  [kafkaErrors.UNKNOWN_MEMBER_ID, 'unknown'],
  [kafkaErrors.FENCED_INSTANCE_ID, 'unknown'],
]);

const invalid: ReadonlySet<number> = new Set([
  kafkaErrors.INCONSISTENT_GROUP_PROTOCOL,
  kafkaErrors.INVALID_GROUP_ID,
  kafkaErrors.INVALID_SESSION_TIMEOUT,
]);

/** What an answer's code says about the member; undefined when it says something else. */
export const standingOf = (code: number): Standing | undefined => standings.get(code);

/** The error of an answer that says nothing about the member's standing. */
export const groupRefusal = (groupId: string, code: number): LogError => {
  const reason = kafkaErrorName(code);
  return invalid.has(code)
    ? new LogRequestInvalid(`Kafka refuses this member in group ${groupId}: ${reason}.`)
    : new LogUnavailable(`Kafka cannot serve group ${groupId} now: ${reason}.`);
};
