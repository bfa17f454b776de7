import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { NameResolver, type LookUp, type NameResolverOptions } from './name-resolver.js';
import { Nameserver, type Answer } from './testing/nameserver.js';

const V4 = '192.0.2.1';
const V6 = '2001:db8:0:0:0:0:0:1';
const V6_SHORT = '2001:db8::1';

/** What the nameserver of the tests says. */
const zone = (name: string, family: 4 | 6): Answer => {
  if (name.endsWith('silent.test')) return 'silence';
  if (name === 'half.test') return family === 6 ? 'silence' : [V4];
  return name === 'hooks.test' || name === 'hooks.corp.test' ? [V4, V6] : 'unknown';
};

const notFound = (name: string) =>
  Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));

describe('a name resolver', () => {
  let directory: string;
  let nameserver: Nameserver;
  let nowMs: number;
  const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'names-'));
    nameserver = await Nameserver.listen(zone);
    nowMs = 0;
  });
  afterEach(async () => {
    await nameserver.close();
    rmSync(directory, { recursive: true });
  });

  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

  /** A resolver with files and a nameserver of its own, and what its system was asked. */
  const resolver = (options: NameResolverOptions = {}) => {
    const asked: string[] = [];
    const system: LookUp = (name) => {
      asked.push(name);
      return (options.system ?? notFound)(name);
    };
    const { lookUp } = new NameResolver({
      hostsFile: join(directory, 'hosts'),
      resolvConf: join(directory, 'resolv.conf'),
      servers: [nameserver.address],
      clock,
      ...options,
      system,
    });
    const addresses = async (name: string) => (await lookUp(name)).map(({ address }) => address);
    return { addresses, asked };
  };

  const codeOf = (looking: Promise<unknown>) =>
    looking.then(
      () => 'found',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('finds the addresses of both families, without asking the system', async () => {
    const { addresses, asked } = resolver();
    expect(await addresses('Hooks.Test')).toEqual([V4, V6_SHORT]);
    expect(await addresses('hooks.test.')).toEqual([V4, V6_SHORT]);
    expect(asked).toEqual([]);
  });

  it('is not delayed by any number of names whose nameserver is silent', async () => {
    const { addresses, asked } = resolver({ withinMs: 2_000 });
    let ended = 0;
    const hanging = Array.from({ length: 50 }, async (_, index) => {
      const code = await codeOf(addresses(`n${index}.silent.test`));
      ended += 1;
      return code;
    });
    expect(await addresses('hooks.test')).toEqual([V4, V6_SHORT]);
    expect(ended).toBe(0);
    expect(new Set(await Promise.all(hanging))).toEqual(new Set(['EAI_AGAIN']));
    expect(asked).toEqual([]);
  });

  it('gives a silent name up at its bound, and leaves it alone for a while', async () => {
    const { addresses } = resolver({ withinMs: 100, silentForMs: 5_000 });
    expect(await codeOf(addresses('silent.test'))).toBe('EAI_AGAIN');
    const queries = nameserver.asked.length;
    expect(queries).toBeGreaterThan(0);
    nowMs = 4_999;
    expect(await codeOf(addresses('silent.test'))).toBe('EAI_AGAIN');
    expect(nameserver.asked).toHaveLength(queries);
    nowMs = 5_000;
    expect(await codeOf(addresses('silent.test'))).toBe('EAI_AGAIN');
    expect(nameserver.asked.length).toBeGreaterThan(queries);
  });

  it('is content with one family where nothing is heard of the other', async () => {
    expect(await resolver({ withinMs: 200 }).addresses('half.test')).toEqual([V4]);
  });

  it('takes what the hosts file lists from there alone, and sees when it changes', async () => {
    const { addresses } = resolver();
    write('hosts', '10.0.0.1 Hooks.Test db\nfd00::1 hooks.test\n');
    expect(await addresses('hooks.test')).toEqual(['10.0.0.1', 'fd00::1']);
    expect(await addresses('HOOKS.test.')).toEqual(['10.0.0.1', 'fd00::1']);
    expect(await addresses('db')).toEqual(['10.0.0.1']);
    expect(nameserver.asked).toEqual([]);
    write('hosts', '10.0.0.22 db\n');
    expect(await addresses('db')).toEqual(['10.0.0.22']);
    expect(await addresses('hooks.test')).toEqual([V4, V6_SHORT]);
  });

  it('knows localhost, and takes an address for itself', async () => {
    const { addresses, asked } = resolver();
    expect(await addresses('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await addresses('LOCALHOST.')).toEqual(['127.0.0.1', '::1']);
    write('hosts', '127.0.0.9 localhost\n');
    expect(await addresses('localhost')).toEqual(['127.0.0.9']);
    expect(await addresses('fd00::1')).toEqual(['fd00::1']);
    expect([...asked, ...nameserver.asked]).toEqual([]);
    expect((await new NameResolver().lookUp('localhost')).length).toBeGreaterThan(0);
  });

  it('completes short names by the search list', async () => {
    write('resolv.conf', 'search web.test corp.test\n');
    expect(await resolver().addresses('hooks')).toEqual([V4, V6_SHORT]);
    expect(new Set(nameserver.asked)).toEqual(new Set(['hooks.web.test', 'hooks.corp.test']));
  });

  it('asks the system for what DNS does not know, or where there is no DNS', async () => {
    const known = async () => [{ address: '10.0.0.7' }];
    expect(await resolver({ system: known }).addresses('printer.local')).toEqual(['10.0.0.7']);
    expect(await codeOf(resolver().addresses('gone.test'))).toBe('ENOTFOUND');
    const gone = await Nameserver.listen(zone);
    const without = resolver({ system: known, servers: [gone.address] });
    await gone.close();
    expect(await without.addresses('printer.local')).toEqual(['10.0.0.7']);
  });

  it('asks the system for one name at a time, and waits for it no longer than for DNS', async () => {
    const answers: ((addresses: Awaited<ReturnType<LookUp>>) => void)[] = [];
    const { addresses, asked } = resolver({
      withinMs: 300,
      system: () => new Promise((resolve) => answers.push(resolve)),
    });
    const names = ['a.test', 'b.test', 'c.test'];
    const codes = await Promise.all(names.map((name) => codeOf(addresses(name))));
    expect(codes).toEqual(['EAI_AGAIN', 'EAI_AGAIN', 'EAI_AGAIN']);
    expect(asked).toHaveLength(1);
    const next = addresses('d.test');
    answers[0]!([]);
    while (answers.length < 2) await new Promise(setImmediate);
    answers[1]!([{ address: '10.0.0.8' }]);
    expect(await next).toEqual(['10.0.0.8']);
    expect(asked.at(-1)).toBe('d.test');
    expect(asked).toHaveLength(2);
  });
});
