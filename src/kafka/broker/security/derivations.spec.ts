import { Derivations, type KeySource } from './derivations.js';
import { TooManyLogins } from './security.errors.js';

const open = new AbortController().signal;
const sourceOf = (password: string): KeySource => ({
  password,
  salt: Buffer.alloc(16),
  iterations: 1,
  keyBytes: 32,
  hash: 'sha256',
});

/** Derivations that go on when they are told to. */
function halting() {
  const made: string[] = [];
  const going: (() => void)[] = [];
  const derivations = new Derivations(({ password }) => {
    made.push(password);
    return new Promise((resolve) => going.push(() => resolve(Buffer.from(password))));
  });
  const goOn = async (): Promise<void> => {
    going.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { derivations, made, goOn };
}

describe('keys that are made from passwords', () => {
  it('are made one at a time, and not for connections that are gone', async () => {
    const { derivations, made, goOn } = halting();
    const connection = new AbortController();
    const first = derivations.run(sourceOf('first'));
    const gone = derivations.guess(sourceOf('gone'), connection.signal);
    const left = gone.catch((error: unknown) => String(error));
    const last = derivations.guess(sourceOf('last'), open);
    connection.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toEqual(['first']);
    await goOn();
    await goOn();
    expect(await left).toContain('abort');
    expect(String(await first)).toBe('first');
    expect(String(await last)).toBe('last');
    expect(made).toEqual(['first', 'last']);
  });

  it('are made for so many peers at most, and for users beside them', async () => {
    const { derivations, goOn } = halting();
    const guesses = Array.from({ length: 100 }, () => derivations.guess(sourceOf('guess'), open));
    await expect(derivations.guess(sourceOf('one more'), open)).rejects.toThrow(TooManyLogins);
    const users = derivations.run(sourceOf('user'));
    await new Promise((resolve) => setImmediate(resolve));
    for (const _ of guesses) await goOn();
    await goOn();
    expect(await Promise.all(guesses)).toHaveLength(100);
    expect(String(await users)).toBe('user');
    const again = derivations.guess(sourceOf('again'), open);
    await new Promise((resolve) => setImmediate(resolve));
    await goOn();
    expect(String(await again)).toBe('again');
  });
});
