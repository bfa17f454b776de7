import { registerErrorTranslator, translateError } from './error-translators.js';

describe('error translators', () => {
  it('replace an error that one of them knows, until they are taken out', () => {
    const known = new Error('driver');
    const meant = new Error('meant');
    const takeOut = registerErrorTranslator((error) => (error === known ? meant : error));
    expect(translateError(known)).toBe(meant);
    expect(translateError(meant)).toBe(meant);
    takeOut();
    expect(translateError(known)).toBe(known);
  });
});
