import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startEmbeddedBroker } from '../../../src/platform/embedded-broker.js';
import { isRunning } from '../../../src/platform/running-processes.js';
import { eventually } from '../../support/eventually.js';
import { withTakenPort } from '../../support/taken-port.js';
import { keptLog, withScratchDirectory } from './scratch-directory.js';

const fake = join(import.meta.dirname, 'fake-broker.mjs');

/** Process id of whoever answers at an address; undefined when nobody does. */
async function answererOf(address: string): Promise<number | undefined> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return Number(await text(socket));
  } catch {
    return undefined;
  }
}

describe('the embedded broker', () => {
  it('runs in a process of its own and is gone after stop', () =>
    withScratchDirectory(async (dataDir) => {
      const broker = await startEmbeddedBroker({ dataDir, port: 0, program: fake }, keptLog());
      const pid = broker.pid();
      expect(pid).not.toBe(process.pid);
      expect(await answererOf(broker.address)).toBe(pid);
      expect(await readFile(join(dataDir, 'broker.pid'), 'utf8')).toBe(`${pid}\n`);
      await broker.stop();
      expect(isRunning(pid!)).toBe(false);
    }));

  it('runs though its process id cannot be kept, which is told', () =>
    withScratchDirectory(async (dataDir) => {
      await mkdir(join(dataDir, 'broker.pid'));
      const log = keptLog();
      const broker = await startEmbeddedBroker({ dataDir, port: 0, program: fake }, log);
      expect(await answererOf(broker.address)).toBe(broker.pid());
      expect(log.lines).toEqual([expect.stringMatching(/process id .*broker\.pid.*EISDIR/)]);
      await broker.stop();
    }));

  it('is started again on the same port whenever it dies', () =>
    withScratchDirectory(async (dataDir) => {
      const log = keptLog();
      const broker = await startEmbeddedBroker({ dataDir, port: 0, program: fake }, log);
      for (const time of [1, 2]) {
        const killed = broker.pid()!;
        process.kill(killed, 'SIGKILL');
        const next = await eventually(
          () => answererOf(broker.address),
          (pid) => pid !== undefined && pid !== killed,
        );
        await eventually(broker.pid, (pid) => pid === next);
        expect(log.lines.filter((line) => line.includes('SIGKILL'))).toHaveLength(time);
      }
      await broker.stop();
      expect(await answererOf(broker.address)).toBeUndefined();
    }));

  it('is refused a port that another program has, with the setting to change', () =>
    withScratchDirectory((dataDir) =>
      withTakenPort(async (port) => {
        const starting = startEmbeddedBroker({ dataDir, port, program: fake }, keptLog());
        await expect(starting).rejects.toThrow(
          new RegExp(`Port ${port} .* taken by another program.* MILLRACE_KAFKA_PORT`),
        );
      }),
    ));

  it('that cannot start says why', () =>
    withScratchDirectory(async (dataDir) => {
      const program = join(import.meta.dirname, 'broken-broker.mjs');
      const starting = startEmbeddedBroker({ dataDir, port: 0, program }, keptLog());
      await expect(starting).rejects.toThrow('the disk is on fire');
    }));

  it('that cannot even be run refuses the start, and leaves no process id', () =>
    withScratchDirectory(async (dataDir) => {
      const starter = fork(join(import.meta.dirname, 'start-without-node.mjs'), [dataDir]);
      const ended = once(starter, 'exit');
      const [told] = await Promise.race([once(starter, 'message'), ended]);
      expect(told).toEqual({ code: 'ENOENT' });
      expect(await ended).toEqual([0, null]);
      expect(await readdir(dataDir)).not.toContain('broker.pid');
    }));
});
