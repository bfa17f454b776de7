/** The system's own Postgres server (Debian's packages), fresh and on loopback, for test:kafka. */
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/** Folder with the newest initdb and pg_ctl, or undefined where there is no server. */
export async function findSystemPostgres() {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : join(DEBIAN, String(newest), 'bin');
}

/** Postgres refuses to run as root, so root runs it as Debian's postgres user. */
const asServerUser = (command, args) =>
  process.getuid() === 0
    ? run('runuser', ['-u', 'postgres', '--', command, ...args])
    : run(command, args);

async function freePort() {
  const server = createServer();
  const port = await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a fresh server from the binaries in `bin`. */
export async function startSystemPostgres(bin) {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-system-postgres-'));
  if (process.getuid() === 0) {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    await chown(directory, uid, gid);
  }
  await chmod(directory, 0o700);
  const data = join(directory, 'data');
  const port = await freePort();
  await asServerUser(join(bin, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
  ]);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -k ${directory} -c max_connections=400`;
  const control = join(bin, 'pg_ctl');
  await asServerUser(control, [
    '-D',
    data,
    '-w',
    '-l',
    join(directory, 'log'),
    '-o',
    options,
    'start',
  ]);
  const { stdout } = await run(join(bin, 'postgres'), ['--version']);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    version: stdout.trim(),
    stop: async () => {
      await asServerUser(control, ['-D', data, '-m', 'fast', '-w', 'stop']);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
