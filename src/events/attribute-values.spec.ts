import { isInteger, isPlainText, isTimestamp, isUri, isUriReference } from './attribute-values.js';

describe('attribute values', () => {
  it.each(['a', 'ü', '😀', 'a b', '\u00a0'])('accepts the text %j', (text) => {
    expect(isPlainText(text)).toBe(true);
  });

  it.each([
    '\u0000',
    'a\nb',
    '\u007f',
    '\u009f',
    '\ud800',
    '\udc00a',
    '\ufffe',
    '\ufdd0',
    '\u{1ffff}',
  ])('refuses the text %j', (text) => expect(isPlainText(text)).toBe(false));

  it.each(['/a', 'a', 'urn:a:b', 'https://x.org/?a=b#c', '//host/p', '?q', 'a/b:c', '%20'])(
    'accepts the URI-reference %s',
    (text) => expect(isUriReference(text)).toBe(true),
  );

  it.each(['', 'a b', 'ä', '%2', '1a:b', 'a#b#c', '<x>', 'back\\slash'])(
    'refuses the URI-reference %j',
    (text) => expect(isUriReference(text)).toBe(false),
  );

  it('wants a scheme in a URI', () => {
    expect(isUri('/relative')).toBe(false);
    expect(isUri('urn:x')).toBe(true);
  });

  it.each([
    '2026-11-23T00:00:00Z',
    '2024-02-29t12:00:00.1234567890z',
    '2026-12-31T23:59:60-08:00',
    '2000-02-29T00:00:00+23:59',
  ])('accepts the time %s', (text) => expect(isTimestamp(text)).toBe(true));

  it.each([
    '2026-11-23',
    '2026-11-23 00:00:00Z',
    '2026-11-23T00:00:00',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T00:00:00.Z',
    '2026-11-23T00:00:00+24:00',
  ])('refuses the time %s', (text) => expect(isTimestamp(text)).toBe(false));

  it('knows 32-bit integers', () => {
    expect([0, -1, 2147483647, -2147483648].every(isInteger)).toBe(true);
    expect([1.5, 2147483648, NaN, Infinity, -0].some(isInteger)).toBe(false);
  });
});
