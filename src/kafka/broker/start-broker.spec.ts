import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from './broker.js';
import { DataDirectoryLost } from './directory-lock.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { startBroker } from './start-broker.js';
import { batchOf } from './storage/testing/log-fixture.js';
import { claimedBy } from './testing/held-directory.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'start-broker-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const takenByOther = (): void => claimedBy(dataDir, 4242, { home: 'elsewhere' });

/** All files, by their paths, with what is in them. */
async function contents(): Promise<ReadonlyMap<string, string>> {
  const found = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)),
  );
}

describe('a broker whose data directory another one has taken', () => {
  it('changes nothing in it any more, whatever it is asked, and when it stops', async () => {
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    const broker = await Broker.open({ ...DEFAULT_SETTINGS, dataDir, fsync: 'always', onFailure });
    const topic = await broker.topics.create('orders', 1);
    const [log] = topic.partitions;
    await log!.append(batchOf(['a']));
    const lost = once(broker.lost, 'abort');
    takenByOther();
    const before = await contents();
    await lost;
    expect(failures).toEqual([expect.any(DataDirectoryLost)]);
    await expect(log!.append(batchOf(['b']))).rejects.toMatchObject({
      cause: expect.any(DataDirectoryLost),
    });
    await expect(broker.topics.create('more', 1)).rejects.toThrow(DataDirectoryLost);
    await expect(broker.topics.addPartitions(topic, 2)).rejects.toThrow(DataDirectoryLost);
    await expect(broker.topics.delete(topic)).rejects.toThrow(DataDirectoryLost);
    await expect(broker.producerIds.next()).rejects.toThrow(DataDirectoryLost);
    await broker.clean().catch(() => undefined);
    await broker.close().catch(() => undefined);
    expect(await contents()).toEqual(before);
  });

  it('lets its clients go, and takes no others', async () => {
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    const broker = await startBroker({ dataDir, onFailure });
    const client = connect(broker.port, broker.host);
    client.resume();
    takenByOther();
    await once(client, 'close');
    const [refused] = (await once(connect(broker.port, broker.host), 'error')) as [Error];
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    expect(failures).toEqual([expect.any(DataDirectoryLost)]);
    await broker.stop().catch(() => undefined);
    expect((await contents()).get(join(dataDir, 'broker.lock'))).toContain('elsewhere');
  });
});
