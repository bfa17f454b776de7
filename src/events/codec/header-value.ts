import { isUtf8 } from 'node:buffer';
import { AttributeInvalid, InvalidUtf8 } from '../event.errors.js';

const unquote = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1).replace(/\\(.)/g, '$1')
    : value;

/** A value of visible ASCII without escapes and quotes stands for itself. */
const isPlain = (value: string): boolean => {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x25 || code === 0x22) return false;
  }
  return true;
};

const percentDecode = (name: string, value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1');
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1, length += 1) {
    if (value[at] !== '%') {
      bytes[length] = value.charCodeAt(at);
      continue;
    }
    const digits = value.slice(at + 1, at + 3);
    if (!/^[\dA-Fa-f]{2}$/.test(digits))
      throw new AttributeInvalid(`Header "${name}": "%" must be followed by two hex digits.`, {
        attribute: name.slice('ce-'.length),
      });
    bytes[length] = Number.parseInt(digits, 16);
    at += 2;
  }
  return bytes.subarray(0, length);
};

/**
 * Decodes an attribute's value from its HTTP header (CloudEvents HTTP binding 1.0.2, section
 * 3.1.3.2): a quoted string is unquoted, then percent-decoded once; `+` is no space. Node hands
 * header bytes over as latin1.
 * @throws InvalidUtf8, AttributeInvalid
 */
export const decodeHeaderValue = (name: string, value: string): string => {
  if (isPlain(value)) return value;
  const bytes = percentDecode(name, unquote(value));
  if (!isUtf8(bytes))
    throw new InvalidUtf8(`Header "${name}" is not valid UTF-8.`, {
      attribute: name.slice('ce-'.length),
    });
  return bytes.toString('utf8');
};

/** Encodes an attribute's value for its HTTP header: visible ASCII, the rest as `%XX` of UTF-8. */
export const encodeHeaderValue = (value: string): string =>
  /^[!#$&-~]*$/.test(value)
    ? value
    : value.replace(/[^!#$&-~]/gu, (character) =>
        [...Buffer.from(character)]
          .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
          .join(''),
      );
