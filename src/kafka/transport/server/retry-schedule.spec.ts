import { DatabaseUnavailable } from '../../../database/database.errors.js';
import { ContractViolated } from '../transport.errors.js';
import { backOffMs } from './back-off.js';
import { afterFailure, EVENT_RETRIES_MS } from './retry-schedule.js';

describe('retries of an event', () => {
  it('wait longer each time, then end with a dead letter', () => {
    const steps = [1, 2, 3, 4, 5].map((attempt) => afterFailure(new Error('x'), attempt, 1));
    const waits = steps.map((step) => (step.kind === 'retry' ? step.waitMs : step.kind));
    expect(waits).toEqual([...EVENT_RETRIES_MS, 'dead-letter']);
  });

  it('do not happen for a message that breaks its contract', () => {
    expect(afterFailure(new ContractViolated('x'), 1, 1)).toEqual({ kind: 'dead-letter' });
  });

  it('use up no attempt while the database is away, however long', () => {
    const step = afterFailure(new DatabaseUnavailable(), 5, 100);
    expect(step).toEqual({ kind: 'retry', waitMs: 5_000, countsAsAttempt: false });
  });
});

describe('back-off', () => {
  it('doubles up to a bound', () => {
    expect([1, 2, 3, 10, 1_000].map(backOffMs)).toEqual([100, 200, 400, 5_000, 5_000]);
  });
});
