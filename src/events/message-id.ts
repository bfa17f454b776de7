import { hash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const characters = 26;

/** The first 130 bits, given as latin1 text, in base32 (RFC 4648, lower case, no padding). */
const base32 = (latin1: string): string => {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let index = 0; text.length < characters; index += 1) {
    held = ((held << 8) | latin1.charCodeAt(index)) & 0xfff;
    for (bits += 8; bits >= 5 && text.length < characters; bits -= 5)
      text += alphabet.charAt((held >>> (bits - 5)) & 31);
  }
  return text;
};

/**
 * The id that every delivery of an event carries: the same over retries, redrive, replay and a
 * publisher's repeat, because CloudEvents ids are unique per source only.
 * @returns `msg_` and 26 characters a-z2-7: 130 bits of SHA-256 over the length-prefixed parts
 */
export const messageId = (topic: string, source: string, id: string): string =>
  // As latin1 text: a Buffer for the hash would cost more than the hash.
  `msg_${base32(hash('sha256', `${topic.length}:${topic}${source.length}:${source}${id}`, 'binary'))}`;
