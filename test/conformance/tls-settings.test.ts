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
  const noFile = 'it is to be PEM, not the name of a file';
  const cases: readonly (readonly [string, NonNullable<StartBrokerOptions['tls']>, string])[] = [
    ['is a path', { ...tls, cert: 'cert.pem' }, `TLS certificate (tls.cert): .*; ${noFile}$`],
    ['is empty', { ...tls, cert: '' }, 'TLS certificate (tls.cert): '],
    ['has a key that is a path', { ...tls, key: 'k.pem' }, `TLS key (tls.key): .*; ${noFile}$`],
    ['has a key that is empty', { ...tls, key: '' }, 'TLS key (tls.key): '],
    ['is a key', { ...tls, cert: privateKey }, 'TLS certificate (tls.cert): [^;]*$'],
    [
      'does not go with its key',
      { ...tls, key: strangersKey },
      'TLS certificate and key together: ',
    ],
    [
      'comes with a client CA that is a path',
      { ...tls, clientCa: 'ca.pem' },
      `TLS client CA (tls.clientCa): .*; ${noFile}$`,
    ],
    ['comes with an empty client CA', { ...tls, clientCa: '' }, 'TLS client CA (tls.clientCa): '],
  ];

  it.each(cases)('keeps the broker from starting: it %s', async (_case, unusable, words) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tls-'));
    const started = startBroker({ dataDir, tls: unusable });
    await expect(started).rejects.toThrow(UnusableCertificate);
    await expect(started).rejects.toThrow(new RegExp(words.replaceAll(/[()]/g, '\\$&')));
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
    [['--tls-cert', 'key', '--tls-key', 'cert'], 'TLS certificate (tls.cert): '],
  ])('is refused: %j', async (flags, words) => {
    await expect(startWith(...flags)).rejects.toThrow(words);
  });
});
