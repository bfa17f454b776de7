import { DEFAULT_SETTINGS } from './settings.js';

describe('a failure in the background', () => {
  const original = process.emitWarning;
  afterEach(() => {
    process.emitWarning = original;
  });

  it.each([
    ['an error', new Error('the disk is gone'), /the disk is gone\n.*settings\.spec/],
    ['an error without a stack', Object.assign(new Error('bare'), { stack: undefined }), /bare/],
    ['no error at all', undefined, /undefined/],
  ])('is a warning in words, which the process takes of anybody: %s', (_, failure, words) => {
    const warnings: unknown[] = [];
    process.emitWarning = ((warning: unknown) => {
      warnings.push(warning);
    }) as typeof process.emitWarning;
    DEFAULT_SETTINGS.onFailure(failure);
    expect(warnings).toEqual([expect.stringMatching(words)]);
  });
});
