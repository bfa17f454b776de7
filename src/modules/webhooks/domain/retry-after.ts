const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';

/** The three forms that receivers of an HTTP-date must accept (RFC 9110, section 5.6.7). */
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/** A year of two digits is at most 50 years ahead, and less than 50 ago. */
const fullYear = (digits: string, now: Date): number => {
  if (digits.length === 4) return Number(digits);
  const thisYear = now.getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
};

const parseHttpDate = (text: string, now: Date): number | undefined => {
  const groups = forms.map((form) => form.exec(text)?.groups).find((match) => match !== undefined);
  if (groups === undefined) return undefined;
  const { day = '', hour = '', minute = '', second = '', year = '' } = groups;
  const monthIndex = months.indexOf(groups['month'] ?? '');
  const date = new Date(Date.UTC(fullYear(year, now), monthIndex, Number(day)));
  const exists = date.getUTCMonth() === monthIndex && date.getUTCDate() === Number(day);
  if (!exists) return undefined;
  return date.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
};

/**
 * How long a receiver wants to be left alone, by its `Retry-After` (RFC 9110, section 10.2.3):
 * seconds, or a date. The caller caps it.
 * @returns whole milliseconds from `now`, 0 for a date that has passed; undefined for what is
 *   neither form
 */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (/^\d+$/.test(trimmed)) return Math.min(Number(trimmed) * 1_000, Number.MAX_SAFE_INTEGER);
  const at = parseHttpDate(trimmed, now);
  return at === undefined ? undefined : Math.max(0, at - now.getTime());
}
