import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../../src/platform/postgres/embedded-postgres.js';
import { isRunning } from '../../../src/platform/running-processes.js';
import { eventually } from '../../support/eventually.js';
import { keptLog, withScratchDirectory } from './scratch-directory.js';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const answers = (url: string): Promise<boolean> =>
  query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );

describe('the embedded Postgres', () => {
  it('keeps its data and password from one start to the next, below a private directory', () =>
    withScratchDirectory(async (dataDir) => {
      const first = await startEmbeddedPostgres(dataDir, keptLog());
      await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      const pid = first.pid()!;
      await first.stop();
      expect(isRunning(pid)).toBe(false);
      const second = await startEmbeddedPostgres(dataDir, keptLog());
      expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      expect(new URL(second.url).password).toBe(new URL(first.url).password);
      await second.stop();
      expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600);
    }));

  it('lets nobody in without the password', () =>
    withScratchDirectory(async (dataDir) => {
      const postgres = await startEmbeddedPostgres(dataDir, keptLog());
      const wrong = new URL(postgres.url);
      wrong.password = 'guess';
      await expect(query(wrong.toString(), 'SELECT 1')).rejects.toThrow('authentication failed');
      await postgres.stop();
    }));

  it('is started again on the same port when it is killed, and has what was committed', () =>
    withScratchDirectory(async (dataDir) => {
      const postgres = await startEmbeddedPostgres(dataDir, keptLog());
      await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      const killed = postgres.pid()!;
      process.kill(killed, 'SIGKILL');
      await eventually(postgres.pid, (pid) => pid !== undefined && pid !== killed);
      await eventually(
        () => answers(postgres.url),
        (answered) => answered,
      );
      expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      await postgres.stop();
    }));

  it('takes over a cluster on which a postmaster was left running', () =>
    withScratchDirectory(async (dataDir) => {
      const starter = fork(join(import.meta.dirname, 'abandon-postgres.mjs'), [dataDir]);
      const [abandoned] = (await once(starter, 'message')) as [{ pid: number; url: string }];
      await query(abandoned.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      starter.kill('SIGKILL');
      await once(starter, 'exit');
      expect(isRunning(abandoned.pid)).toBe(true);
      const log = keptLog();
      const next = await startEmbeddedPostgres(dataDir, log);
      expect(log.lines).toEqual([expect.stringContaining(`process ${abandoned.pid}`)]);
      expect(isRunning(abandoned.pid)).toBe(false);
      expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      await next.stop();
    }));

  it('starts over a pid file whose number belongs to another program', () =>
    withScratchDirectory(async (dataDir) => {
      const first = await startEmbeddedPostgres(dataDir, keptLog());
      const pidFile = join(dataDir, 'postgres/postmaster.pid');
      const content = await readFile(pidFile, 'utf8');
      await first.stop();
      await writeFile(pidFile, content.replace(/^\d+/, String(process.pid)));
      const second = await startEmbeddedPostgres(dataDir, keptLog());
      expect(await answers(second.url)).toBe(true);
      await second.stop();
      expect(isRunning(process.pid)).toBe(true);
    }));

  it('that cannot start says where to look', () =>
    withScratchDirectory(async (dataDir) => {
      await (await startEmbeddedPostgres(dataDir, keptLog())).stop();
      await appendFile(join(dataDir, 'postgres/postgresql.conf'), 'nonsense = on\n');
      await expect(startEmbeddedPostgres(dataDir, keptLog())).rejects.toThrow(
        /logs\/postgres\.log.*nonsense/s,
      );
    }));
});
