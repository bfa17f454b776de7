import { MillraceProcess, withDataDir } from './millrace-process.js';

describe('a data directory of a test', () => {
  it('is left by the processes that a failed test did not end', async () => {
    let millrace: MillraceProcess | undefined;
    const failed = withDataDir(async (dataDir) => {
      millrace = MillraceProcess.spawn(dataDir);
      throw new Error('not as expected');
    });
    await expect(failed).rejects.toThrow('not as expected');
    expect(await millrace?.exitCode()).toBeNull();
  });
});
