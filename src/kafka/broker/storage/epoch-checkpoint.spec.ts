import { EpochCheckpoint } from './epoch-checkpoint.js';
import { nodeFiles } from './files.js';
import { temporaryDirectory } from './testing/log-fixture.js';

describe('the file of leader epochs', () => {
  it('is synced again when it was replaced meanwhile, and when that failed', async () => {
    const syncs: Array<{ done: () => void; failed: (error: Error) => void }> = [];
    const syncPath = (): Promise<void> =>
      new Promise((done, failed) => void syncs.push({ done, failed }));
    const epochs = new EpochCheckpoint(temporaryDirectory(), { ...nodeFiles, syncPath });
    epochs.assign(0, 0);
    const first = epochs.sync();
    epochs.assign(1, 10);
    syncs[0]!.done();
    await first;
    const second = epochs.sync();
    expect(syncs).toHaveLength(2);
    syncs[1]!.failed(new Error('EIO'));
    await expect(second).rejects.toThrow('EIO');
    const third = epochs.sync();
    expect(syncs).toHaveLength(3);
    syncs[2]!.done();
    await third;
    await epochs.sync();
    expect(syncs).toHaveLength(3);
  });
});
