import { jest } from '@jest/globals';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as logFile from '../../../src/platform/log-file.js';
import { eventually } from '../../support/eventually.js';
import { keptLog, withScratchDirectory } from './scratch-directory.js';

let isHeld = false;

/** As the real one, but where it is held, the log is closed once the process has said its last. */
async function openLogFile(path: string): ReturnType<typeof logFile.openLogFile> {
  const handle = await logFile.openLogFile(path);
  if (!isHeld) return handle;
  const close = handle.close.bind(handle);
  handle.close = async (): Promise<void> => {
    const words = (): Promise<string> => logFile.lastLines(path, 3);
    await eventually(words, (text) => text.includes('nonsense'));
    // That it has ended after that, nothing tells here but time.
    await pause(300);
    await close();
  };
  return handle;
}

jest.unstable_mockModule('../../../src/platform/log-file.js', () => ({ ...logFile, openLogFile }));
const { startEmbeddedPostgres } =
  await import('../../../src/platform/postgres/embedded-postgres.js');

describe('an embedded Postgres that has ended before its log is closed', () => {
  it('says where to look', () =>
    withScratchDirectory(async (dataDir) => {
      await (await startEmbeddedPostgres(dataDir, keptLog())).stop();
      await appendFile(join(dataDir, 'postgres/postgresql.conf'), 'nonsense = on\n');
      isHeld = true;
      await expect(startEmbeddedPostgres(dataDir, keptLog())).rejects.toThrow('nonsense');
    }));
});
