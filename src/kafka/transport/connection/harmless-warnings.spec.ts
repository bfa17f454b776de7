import { dropTimerWarnings } from './harmless-warnings.js';

describe('the warnings of Node', () => {
  it('lose those of negative timers, and no other', () => {
    const original = process.emitWarning;
    const passed: unknown[] = [];
    process.emitWarning = ((warning: unknown) => {
      passed.push(warning);
    }) as typeof process.emitWarning;
    try {
      dropTimerWarnings();
      process.emitWarning('-1 is a negative number.', 'TimeoutNegativeWarning');
      process.emitWarning('worth knowing', 'DeprecationWarning');
      process.emitWarning('worth knowing too', { type: 'Warning' });
    } finally {
      process.emitWarning = original;
    }
    expect(passed).toEqual(['worth knowing', 'worth knowing too']);
  });
});
