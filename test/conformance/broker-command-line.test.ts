import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isForeign } from './support/broker-under-test.js';

// What is started here is the embedded broker's program, from dist/.
const embedded = isForeign ? describe.skip : describe;

const root = join(import.meta.dirname, '../..');
const program = join(root, 'dist/kafka/broker/main.js');
const usage = 'usage: millrace-broker --data-dir D';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it until it ends by itself. */
function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** What it says once clients can connect. */
async function announcement(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGTERM');
  await ended;
  return line.toString();
}

embedded('the program of the broker', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broker-command-line-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it.each(['--help', '-h'])('tells how it is used, when it is asked: %s', async (flag) => {
    const { code, stdout, stderr } = await run(flag);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(usage);
  });

  it('tells its version', async () => {
    const manifest = await readFile(join(root, 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { readonly version: string };
    expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['--fsync', 'allways'], 'fsync must be one of never, interval, always'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--tls-key', 'key'], '--tls-cert is missing'],
  ])('tells how it is used to who got it wrong: %j', async (args, words) => {
    const { code, stderr } = await run('--data-dir', directory, ...args);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).toContain(usage);
  });

  describe('which cannot start, says why and no more', () => {
    let other: Server;
    beforeEach(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
    });
    afterEach(() => other.close());

    it('as when its port is taken', async () => {
      const { port } = other.address() as AddressInfo;
      const { code, stderr } = await run('--data-dir', directory, '--port', String(port));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^listen EADDRINUSE.*\n$/);
    });

    it('as when a file is not there', async () => {
      const { code, stderr } = await run('--data-dir', directory, '--sasl-users', 'nowhere');
      expect(code).toBe(1);
      expect(stderr).toMatch(/^users file nowhere: ENOENT.*\n$/);
    });
  });

  it('tells an address of IPv6 as clients are to write it', async () => {
    const told = await announcement(
      '--data-dir',
      directory,
      '--port',
      '0',
      '--advertised-host',
      '::1',
    );
    const { listening, port } = JSON.parse(told) as { listening: string; port: number };
    expect(listening).toBe(`[::1]:${port}`);
  });
});
