/** Value rules of CloudEvents' types (CloudEvents 1.0.2, section "Type System"). */

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code <= 0x9f);

const isNonCharacter = (codePoint: number): boolean =>
  (codePoint & 0xfffe) === 0xfffe || (codePoint >= 0xfdd0 && codePoint <= 0xfdef);

/** Whether a string has no control character, no lone surrogate and no Unicode non-character. */
export const isPlainText = (text: string): boolean => {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x7f) {
      if (unit < 0x20) return false;
      continue;
    }
    const point = text.codePointAt(index) ?? unit;
    if (isControl(point) || isNonCharacter(point)) return false;
    if (point > 0xffff) index += 1;
    else if (point >= 0xd800 && point <= 0xdfff) return false;
  }
  return true;
};

const uriCharacters = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\dA-Fa-f]{2})+$/;
const scheme = /^[A-Za-z][A-Za-z\d+.-]*:/;

/** Whether a text is a non-empty URI-reference (RFC 3986, section 4.1). */
export const isUriReference = (text: string): boolean => {
  if (!uriCharacters.test(text)) return false;
  if (text.indexOf('#') !== text.lastIndexOf('#')) return false;
  if (scheme.test(text)) return true;
  // Without a scheme the first path segment may hold no colon.
  const firstSegment = /^[^/?#]*/.exec(text)?.[0] ?? '';
  return !firstSegment.includes(':');
};

/** Whether a text is an absolute URI, a fragment allowed (RFC 3986, section 3). */
export const isUri = (text: string): boolean => scheme.test(text) && isUriReference(text);

const timestamp =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const daysIn = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

/** Whether a text is an RFC 3339 date-time of a day that exists; second 60 is allowed. */
export const isTimestamp = (text: string): boolean => {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
};

/** Whether a number is CloudEvents' Integer: 32 bits with sign. */
export const isInteger = (value: number): boolean => (value | 0) === value && !Object.is(value, -0);
