import { createHash } from 'node:crypto';
import { Models } from './models.js';

const placeOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE();
const modelsOf = (names: readonly string[]) => new Models(names, placeOf);

describe('models', () => {
  const users = Array.from({ length: 200 }, (_, index) => `user ${index}`);
  const strangers = Array.from({ length: 1_000 }, (_, index) => `stranger ${index}`);

  it('are all chosen by somebody, and change for few when one comes', () => {
    const before = modelsOf(users);
    const after = modelsOf([...users, 'new']);
    const chosen = new Set(strangers.map((name) => before.for(name)));
    expect(chosen.size).toBeGreaterThan(100);
    const changed = strangers.filter((name) => before.for(name) !== after.for(name));
    expect(changed.length).toBeLessThan(50);
    for (const name of changed) expect(after.for(name)).toBe('new');
  });

  it('may be one or none', () => {
    for (const name of strangers) expect(modelsOf(['only']).for(name)).toBe('only');
    expect(modelsOf([]).for('stranger')).toBeUndefined();
  });
});
