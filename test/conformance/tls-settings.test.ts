import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { UnusableCertificate } from '../../src/kafka/broker/security/security.errors.js';
import { startBroker, type StartBrokerOptions } from '../../src/kafka/broker/start-broker.js';
import { certificate, privateKey, strangersKey } from '../support/certificate.js';
import { startBrokerProcess } from './support/broker-process.js';
import { isForeign } from './support/broker-under-test.js';
import { RawClient } from './support/raw-client.js';
import { API_VERSIONS } from './support/sasl.js';

/** Another broker's certificate is its own. */
const embedded = isForeign ? describe.skip : describe;

const tls = { cert: certificate, key: privateKey };
/** What a client needs to trust the broker. */
const trust = { ca: certificate, servername: 'hooks.test' };

embedded('a certificate that cannot be used', () => {
  const cases: readonly (readonly [string, NonNullable<StartBrokerOptions['tls']>])[] = [
    ['is no PEM', { ...tls, cert: 'no PEM' }],
    ['has a key that is no PEM', { ...tls, key: 'no PEM' }],
    ['does not go with its key', { ...tls, key: strangersKey }],
    ['comes with a client CA that is no PEM', { ...tls, clientCa: 'no PEM' }],
    ['comes with an empty client CA', { ...tls, clientCa: '' }],
  ];

  it.each(cases)('keeps the broker from starting: it %s', async (_case, unusable) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tls-'));
    await expect(startBroker({ dataDir, tls: unusable })).rejects.toThrow(UnusableCertificate);
    // The data directory is free again.
    const next = await startBroker({ dataDir, tls });
    await next.stop();
    await rm(dataDir, { recursive: true });
  });
});

embedded('the command line', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tls-'));
    await writeFile(join(directory, 'cert'), certificate);
    await writeFile(join(directory, 'key'), privateKey);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const startWith = (...flags: readonly string[]): ReturnType<typeof startBrokerProcess> => {
    const args = flags.map((each) => (each.startsWith('--') ? each : join(directory, each)));
    return startBrokerProcess(join(directory, 'data'), args);
  };

  it('takes files', async () => {
    const flags = ['--tls-cert', 'cert', '--tls-key', 'key', '--tls-client-ca', 'cert'];
    const own = await startWith(...flags);
    const { port } = own;
    const socket = connectTls({ host: '127.0.0.1', port, ...trust, ...tls });
    await once(socket, 'secureConnect');
    const client = RawClient.over(socket);
    expect(await client.request(API_VERSIONS, 0, {})).toMatchObject({ errorCode: 0 });
    client.close();
    expect(await own.terminate()).toBe(0);
  });

  it.each([
    [['--tls-cert', 'cert'], '--tls-key is missing, which --tls-cert needs'],
    [['--tls-key', 'key'], '--tls-cert is missing, which --tls-key needs'],
    [['--tls-client-ca', 'cert'], '--tls-cert is missing, which --tls-client-ca needs'],
    [['--tls-cert', 'nowhere', '--tls-key', 'key'], 'ENOENT'],
    [['--tls-cert', 'key', '--tls-key', 'cert'], 'TLS certificate, key or client CA'],
  ])('is refused: %j', async (flags, words) => {
    await expect(startWith(...flags)).rejects.toThrow(words);
  });
});
