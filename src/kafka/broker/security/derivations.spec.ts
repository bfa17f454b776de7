import { Derivations, type KeySource } from './derivations.js';
import { TooManyLogins } from './security.errors.js';
import { peerFrom } from './testing/peer.js';

const open = peerFrom();
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
  it.each([
    ['/2001:db8::1', '/2001:db8:0:0:ffff::1', '/2001:db8:0:1::1'],
    ['/fe80::1%eth0', '/fe80::2%eth0', '/::1'],
    ['/::ffff:10.0.0.1', '/10.0.0.1', '/::ffff:10.0.0.2'],
    ['/1:2:3:4:5:6:7:8', '/1:2:3:4::', '/1:2:3::4'],
  ])('are made by turns for networks: %s is of that of %s', async (one, same, other) => {
    const { derivations, made, goOn } = halting();
    const wanted = [one, one, same, other].map((host, at) =>
      derivations.guess(sourceOf(String(at)), peerFrom(host)),
    );
    for (const _ of wanted) await goOn();
    await Promise.all(wanted);
    expect(made).toEqual(['0', '1', '3', '2']);
  });

  it('are made one at a time, and not for connections that are gone', async () => {
    const { derivations, made, goOn } = halting();
    const connection = new AbortController();
    const first = derivations.run(sourceOf('first'));
    const gone = derivations.guess(sourceOf('gone'), peerFrom('/10.0.0.1', connection.signal));
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

  it('are made for users first, and then by turns for the addresses that guesses come from', async () => {
    const { derivations, made, goOn } = halting();
    const wanted = [
      ...['a1', 'a2', 'a3'].map((name) => derivations.guess(sourceOf(name), peerFrom('/a'))),
      ...['b1', 'b2'].map((name) => derivations.guess(sourceOf(name), peerFrom('/b'))),
      derivations.run(sourceOf('user')),
    ];
    for (const _ of wanted) await goOn();
    await Promise.all(wanted);
    expect(made).toEqual(['a1', 'user', 'a2', 'b1', 'a3', 'b2']);
  });

  it('are made for so many peers at most, and the address with most of them makes room', async () => {
    const { derivations, goOn } = halting();
    const guess = (host: string): Promise<Buffer> =>
      derivations.guess(sourceOf('guess'), peerFrom(host));
    // One of them is being made.
    const guesses = Array.from({ length: 101 }, () => guess('/guesser'));
    await expect(guess('/guesser')).rejects.toThrow(TooManyLogins);
    const last = guesses.pop();
    const other = guess('/other');
    await expect(last).rejects.toThrow(TooManyLogins);
    const all = [...guesses, other];
    for (const _ of all) await goOn();
    expect(await Promise.all(all)).toHaveLength(101);
    const again = guess('/guesser');
    await goOn();
    expect(String(await again)).toBe('guess');
  });

  it('are not made for who comes when each address has one that waits', async () => {
    const { derivations, goOn } = halting();
    const all = Array.from({ length: 101 }, (_, at) =>
      derivations.guess(sourceOf(`${at}`), peerFrom(`/${at}`)),
    );
    const one = derivations.guess(sourceOf('one more'), peerFrom('/one more'));
    await expect(one).rejects.toThrow(TooManyLogins);
    for (const _ of all) await goOn();
    expect(await Promise.all(all)).toHaveLength(101);
  });
});
