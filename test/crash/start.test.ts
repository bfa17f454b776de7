import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isRunning } from '../../src/platform/running-processes.js';
import { eventually } from '../support/eventually.js';
import { withTakenPort } from '../support/taken-port.js';
import { MillraceProcess, withDataDir } from './millrace-process.js';

const run = promisify(execFile);

/** What a shell prints for a pasted line; curl is given a second to stay on a stream. */
async function paste(line: string): Promise<string> {
  const bounded = line.replaceAll('curl ', 'curl -sS --max-time 3 ');
  return run('sh', ['-c', bounded]).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
  );
}

const isOk = (answer: Response): boolean => answer.ok;

describe('a start', () => {
  it('with nothing there makes everything, shows the key once, and lines that work', () =>
    withDataDir(async (dataDir) => {
      const first = await MillraceProcess.start(dataDir);
      const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
      expect(first.text).toContain(key);
      expect(first.curlLines).toHaveLength(3);
      const [topic = '', event = '', stream = ''] = first.curlLines;
      expect(JSON.parse(await paste(topic))).toMatchObject({ name: 'orders' });
      expect(JSON.parse(await paste(event))).toMatchObject({ topic: 'orders', offset: 0 });
      expect(await paste(stream)).toContain('12.5');
      expect(await first.end()).toBe(0);

      const second = await MillraceProcess.start(dataDir);
      expect(second.text).not.toContain(key);
      expect((await second.call('GET', '/v1/topics/orders')).status).toBe(200);
      expect(await paste(second.curlLines[2] ?? '')).toContain('12.5');
      expect(await second.end('SIGINT')).toBe(0);
    }));

  it('keeps others off its data directory, and ends with everything that it started', () =>
    withDataDir(async (dataDir) => {
      const first = await MillraceProcess.start(dataDir);
      const second = MillraceProcess.spawn(dataDir);
      expect(await second.exitCode()).toBe(1);
      expect(second.text).toContain(`Another Millrace is running on the data directory ${dataDir}`);
      // Its handlers join their groups in the first second after the greeting.
      await eventually(
        async () => (await first.call('GET', '/readyz')).status,
        (status) => status === 200,
      );
      const pids = [await first.postgresPid(), await first.brokerPid()];
      expect(pids.map(isRunning)).toEqual([true, true]);
      expect(await first.end()).toBe(0);
      expect(pids.map(isRunning)).toEqual([false, false]);
    }));

  it('recovers by itself after kill -9', () =>
    withDataDir(async (dataDir) => {
      const killed = await MillraceProcess.start(dataDir);
      await killed.call('PUT', '/v1/topics/kept', {});
      await killed.call('POST', '/v1/topics/kept/events', { n: 1 });
      await killed.end('SIGKILL');
      expect(isRunning(await killed.postgresPid())).toBe(true);
      const next = await MillraceProcess.start(dataDir);
      expect((await next.call('GET', '/v1/topics/kept')).status).toBe(200);
      const stored = await next.call('POST', '/v1/topics/kept/events', { n: 2 });
      expect(stored.status).toBe(202);
      expect(await next.end()).toBe(0);
    }));

  it('that is interrupted half-way leaves nothing that hinders the next one', () =>
    withDataDir(async (dataDir) => {
      const interrupted = MillraceProcess.spawn(dataDir);
      await eventually(
        () => interrupted.postgresPid(),
        (pid) => pid > 0,
      );
      await interrupted.end('SIGKILL');
      const next = await MillraceProcess.start(dataDir);
      expect(await next.end()).toBe(0);
    }));

  it('that is asked to end half-way ends with 0 and leaves nothing running', () =>
    withDataDir(async (dataDir) => {
      const interrupted = MillraceProcess.spawn(dataDir);
      const postgres = await eventually(
        () => interrupted.postgresPid(),
        (pid) => pid > 0,
      );
      expect(await interrupted.end('SIGTERM')).toBe(0);
      expect(isRunning(postgres)).toBe(false);
    }));

  it.each([
    ['MILLRACE_HTTP_PORT', { MILLRACE_HTTP_PORT: 'eighty' }],
    ['MILLRACE_MODULES', { MILLRACE_MODULES: 'everything' }],
    ['DATABASE_URL', { DATABASE_URL: 'oracle://db' }],
  ])('with a wrong %s names it in one line', (variable, env) =>
    withDataDir(async (dataDir) => {
      const millrace = MillraceProcess.spawn(dataDir, env);
      expect(await millrace.exitCode()).toBe(1);
      expect(millrace.text).toMatch(new RegExp(`^millrace: ${variable} .*\n$`));
    }),
  );

  it('on a port that is taken says which setting to change, and leaves nothing running', () =>
    withDataDir((dataDir) =>
      withTakenPort(async (port) => {
        const millrace = MillraceProcess.spawn(dataDir, { MILLRACE_HTTP_PORT: String(port) });
        expect(await millrace.exitCode()).toBe(1);
        expect(millrace.text).toContain(`Port ${port} of 127.0.0.1 is taken`);
        expect(isRunning(await millrace.brokerPid())).toBe(false);
      }),
    ));
});

describe('a Millrace that runs', () => {
  it('brings Postgres back, and the broker, when they are killed', () =>
    withDataDir(async (dataDir) => {
      const millrace = await MillraceProcess.start(dataDir);
      await millrace.call('PUT', '/v1/topics/orders', {});
      const postgres = await millrace.postgresPid();
      process.kill(postgres, 'SIGKILL');
      await eventually(
        () => millrace.postgresPid(),
        (pid) => pid > 0 && pid !== postgres,
      );
      await eventually(() => millrace.call('GET', '/readyz'), isOk);
      expect((await millrace.call('PUT', '/v1/topics/after', {})).ok).toBe(true);
      const broker = await millrace.brokerPid();
      process.kill(broker, 'SIGKILL');
      await eventually(
        () => millrace.brokerPid(),
        (pid) => pid > 0 && pid !== broker,
      );
      const stored = await eventually(
        () => millrace.call('POST', '/v1/topics/orders/events', { n: 1 }),
        isOk,
      );
      expect(stored.status).toBe(202);
      await eventually(() => millrace.call('GET', '/readyz'), isOk);
      expect(await millrace.end()).toBe(0);
    }));
});
