import { ReadBudget } from './read-budget.js';

/** Works that are under way, by name; each ends when it is told to. */
function works(budget: ReadBudget) {
  const running = new Map<string, () => void>();
  const start = (name: string, bytes: number): Promise<void> =>
    budget.run(bytes, () => new Promise((resolve) => void running.set(name, resolve)));
  const end = async (name: string): Promise<void> => {
    running.get(name)!();
    running.delete(name);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { start, end, names: () => [...running.keys()] };
}

describe('what is read at the same time', () => {
  it('is bounded, and waits in order', async () => {
    const { start, end, names } = works(new ReadBudget(100));
    const all = [start('a', 60), start('b', 40), start('c', 50), start('d', 10)];
    expect(names()).toEqual(['a', 'b']);
    await end('b');
    expect(names()).toEqual(['a']);
    await end('a');
    expect(names()).toEqual(['c', 'd']);
    await end('c');
    await end('d');
    await Promise.all(all);
  });

  it('may be more than the bound where it is alone, and is free again after a failure', async () => {
    const budget = new ReadBudget(100);
    await expect(budget.run(500, () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
    const { start, end, names } = works(budget);
    const large = start('large', 500);
    const small = start('small', 1);
    expect(names()).toEqual(['large']);
    await end('large');
    expect(names()).toEqual(['small']);
    await end('small');
    await Promise.all([large, small]);
  });
});
