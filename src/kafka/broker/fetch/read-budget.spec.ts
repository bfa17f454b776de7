import { ReadBudget } from './read-budget.js';

/** Works that are under way, by name; each ends when it is told to. */
function works(budget: ReadBudget) {
  const running = new Map<string, () => void>();
  const start = (
    name: string,
    bytes: number | (() => number),
    closed = new AbortController().signal,
  ): Promise<void> =>
    budget.run(
      () => (typeof bytes === 'number' ? bytes : bytes()),
      closed,
      () => new Promise((resolve) => void running.set(name, resolve)),
    );
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
    await expect(
      budget.run(
        () => 500,
        new AbortController().signal,
        () => Promise.reject(new Error('EIO')),
      ),
    ).rejects.toThrow('EIO');
    const { start, end, names } = works(budget);
    const large = start('large', 500);
    const small = start('small', 1);
    expect(names()).toEqual(['large']);
    await end('large');
    expect(names()).toEqual(['small']);
    await end('small');
    await Promise.all([large, small]);
  });

  it('is counted when it begins, not when it came', async () => {
    const { start, end, names } = works(new ReadBudget(100));
    let bytes = 90;
    const all = [start('a', 100), start('grown', () => bytes), start('b', 20)];
    bytes = 70;
    await end('a');
    expect(names()).toEqual(['grown', 'b']);
    await end('grown');
    await end('b');
    await Promise.all(all);
  });

  it('does not wait where it is nothing', async () => {
    const { start, end, names } = works(new ReadBudget(100));
    const all = [start('a', 100), start('b', 100), start('nothing', 0)];
    expect(names()).toEqual(['a', 'nothing']);
    for (const name of ['a', 'nothing', 'b']) await end(name);
    await Promise.all(all);
  });

  it('is not read for who is gone, and lets those behind go on', async () => {
    const { start, end, names } = works(new ReadBudget(100));
    const connection = new AbortController();
    const [first, gone, last] = [
      start('first', 60),
      start('gone', 50, connection.signal),
      start('last', 40),
    ];
    connection.abort();
    await expect(gone).rejects.toThrow('abort');
    expect(names()).toEqual(['first', 'last']);
    await expect(start('gone too', 0, connection.signal)).rejects.toThrow('abort');
    await end('first');
    await end('last');
    await Promise.all([first, last]);
  });
});
