import type { RecordHeader } from '../../log/event-log.js';

/** Headers as the Kafka client gives them: values are bytes, text or lists of both. */
export type RawHeaders = Readonly<
  Record<string, Buffer | string | (Buffer | string)[] | undefined>
>;

const asText = (value: Buffer | string): string =>
  typeof value === 'string' ? value : value.toString('utf8');

/**
 * Headers as plain text: what looks like JSON, or like a number, stays text. Of a repeated header the
 * last value counts, as Kafka's `lastHeader` has it.
 */
export function decodeHeaders(headers: RawHeaders = {}): Readonly<Record<string, string>> {
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined && last !== null) decoded[name] = asText(last);
  }
  return decoded;
}

/** The same of a record that was read from the log. */
export const textHeaders = (headers: readonly RecordHeader[]): Readonly<Record<string, string>> =>
  decodeHeaders(Object.fromEntries(headers.map(({ name, value }) => [name, value])));
