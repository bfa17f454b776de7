/**
 * Finds where values lie in JSON text without building them, so that a payload can be sliced out
 * of its envelope byte by byte. Works on bytes that JSON.parse has accepted already; on anything
 * else the answer is meaningless.
 */

/** A half-open range of bytes. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const skipSpace = (json: Buffer, from: number): number => {
  let at = from;
  while (json[at]! <= 0x20) at += 1;
  return at;
};

/**
 * Position after the string whose opening quote is at `from`. A loop, because strings are short on
 * average and a call of Buffer.indexOf costs more than most of them.
 */
const skipString = (json: Buffer, from: number): number => {
  let at = from + 1;
  for (let byte = json[at]; byte !== QUOTE; byte = json[at]) at += byte === BACKSLASH ? 2 : 1;
  return at + 1;
};

const skipContainer = (json: Buffer, from: number): number => {
  let depth = 0;
  for (let at = from; ;) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = skipString(json, at);
      continue;
    }
    at += 1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && (depth -= 1) === 0) return at;
  }
};

/** Position after the value that starts at `from`. */
const skipValue = (json: Buffer, from: number): number => {
  const byte = json[from];
  if (byte === QUOTE) return skipString(json, from);
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return skipContainer(json, from);
  let at = from;
  for (; at < json.length; at += 1) {
    const next = json[at]!;
    if (next === COMMA || next === CLOSE_BRACE || next === CLOSE_BRACKET || next <= 0x20) break;
  }
  return at;
};

/** Whether the string at `start` to `end`, quotes included, is a member's name. */
const isName = (json: Buffer, start: number, end: number, name: string): boolean => {
  for (let at = start + 1; at < end - 1; at += 1) {
    if (json[at] === BACKSLASH) return JSON.parse(json.toString('utf8', start, end)) === name;
    if (json[at] !== name.charCodeAt(at - start - 1)) return false;
  }
  return end - start === name.length + 2;
};

/**
 * Range of the value of a member of the object at `from`; the last one where the name repeats,
 * as JSON.parse chooses. Names that are written with escapes are found too.
 */
export const memberRange = (json: Buffer, name: string, from = 0): Range | undefined => {
  let found: Range | undefined;
  let at = skipSpace(json, skipSpace(json, from) + 1);
  while (json[at] === QUOTE) {
    const nameEnd = skipString(json, at);
    const colon = skipSpace(json, nameEnd);
    const start = skipSpace(json, colon + 1);
    const end = skipValue(json, start);
    if (isName(json, at, nameEnd, name)) found = { start, end };
    at = skipSpace(json, end);
    if (json[at] !== COMMA) break;
    at = skipSpace(json, at + 1);
  }
  return found;
};

/** Where each element of the array at the start of the text begins. */
export const elementStarts = (json: Buffer): readonly number[] => {
  const starts: number[] = [];
  let at = skipSpace(json, skipSpace(json, 0) + 1);
  while (json[at] !== CLOSE_BRACKET) {
    starts.push(at);
    at = skipSpace(json, skipValue(json, at));
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  return starts;
};
