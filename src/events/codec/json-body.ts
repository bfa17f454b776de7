import { isUtf8 } from 'node:buffer';
import { InvalidUtf8, MalformedJson } from '../event.errors.js';

const excerpt = (error: unknown): string =>
  error instanceof SyntaxError ? error.message.slice(0, 200) : 'It cannot be parsed.';

/**
 * Parses a body as JSON text (RFC 8259: UTF-8, no byte order mark).
 * @param what how the error names it: "The body", "The data"
 * @throws InvalidUtf8, MalformedJson
 */
export const parseJsonBytes = (bytes: Buffer, what: string): unknown => {
  if (!isUtf8(bytes)) throw new InvalidUtf8(`${what} is not valid UTF-8.`);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new MalformedJson(`${what} is not valid JSON: ${excerpt(error)}`);
  }
};
