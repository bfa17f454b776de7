import type { LogRecord } from '../../log/event-log.js';
import type { ConsumedRecord } from '../server/consumed-record.js';
import { decodeHeaders, textHeaders } from '../wire/headers.js';
import { deadLetterIdOf, type DeadLetter } from './dead-letter.js';

const PREFIX = 'millrace-dead-letter-';

const names = {
  id: `${PREFIX}id`,
  contract: `${PREFIX}contract`,
  topic: `${PREFIX}origin-topic`,
  partition: `${PREFIX}origin-partition`,
  offset: `${PREFIX}origin-offset`,
  timestamp: `${PREFIX}origin-timestamp`,
  code: `${PREFIX}error-code`,
  message: `${PREFIX}error-message`,
  attempts: `${PREFIX}attempts`,
  at: `${PREFIX}at`,
} as const;

const LONGEST_MESSAGE = 1_000;

/** The headers that a dead letter has beside those of the event. */
export function toDeadLetterHeaders(
  record: ConsumedRecord,
  contract: string,
  error: { readonly code: string; readonly message: string },
  attempts: number,
): Record<string, string> {
  return {
    [names.id]: deadLetterIdOf(record),
    [names.contract]: contract,
    [names.topic]: record.topic,
    [names.partition]: String(record.partition),
    [names.offset]: String(record.offset),
    [names.timestamp]: String(record.timestamp),
    [names.code]: error.code,
    [names.message]: error.message.slice(0, LONGEST_MESSAGE),
    [names.attempts]: String(attempts),
    [names.at]: String(Date.now()),
  };
}

function originalHeaders(headers: LogRecord['headers']): Record<string, Buffer[]> {
  const original: Record<string, Buffer[]> = {};
  for (const { name, value } of headers) {
    if (!name.startsWith(PREFIX)) (original[name] ??= []).push(value);
  }
  return original;
}

/** Reads a record of a dead-letter topic; undefined when it is none. */
export function readDeadLetter({ key, value, headers }: LogRecord): DeadLetter | undefined {
  const text = textHeaders(headers);
  const id = text[names.id];
  const contract = text[names.contract];
  const topic = text[names.topic];
  if (id === undefined || contract === undefined || topic === undefined) return undefined;
  const origin = {
    topic,
    partition: Number(text[names.partition]),
    offset: Number(text[names.offset]),
    timestamp: Number(text[names.timestamp]),
  };
  const rawHeaders = originalHeaders(headers);
  return {
    id,
    contract,
    origin,
    errorCode: text[names.code] ?? '',
    errorMessage: text[names.message] ?? '',
    attempts: Number(text[names.attempts]),
    at: Number(text[names.at]),
    record: { ...origin, key, value, rawHeaders, headers: decodeHeaders(rawHeaders) },
  };
}
