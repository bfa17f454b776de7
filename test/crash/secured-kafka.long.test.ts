import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localCertificate, localKey } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { MillraceProcess, withDataDir } from './millrace-process.js';
import { BrokerProcess } from './support/broker-process.js';

const PASSWORD = 'a password: with a colon';

/** A Kafka that is reached over TLS, by a user with a password. */
class SecuredKafka {
  private constructor(
    private readonly broker: BrokerProcess,
    private readonly certificateFile: string,
  ) {}

  static async start(directory: string): Promise<SecuredKafka> {
    const [cert, key, users] = ['cert.pem', 'key.pem', 'users'].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    await writeFile(cert, localCertificate);
    await writeFile(key, localKey);
    await writeFile(users, `millrace:${PASSWORD}\n`);
    const tls = ['--tls-cert', cert, '--tls-key', key];
    const broker = await BrokerProcess.start(...tls, '--sasl-users', users);
    return new SecuredKafka(broker, cert);
  }

  /** What Millrace is told of it. */
  settings(password: string): Readonly<Record<string, string>> {
    return {
      KAFKA_BROKERS: this.broker.address,
      KAFKA_SSL: 'true',
      NODE_EXTRA_CA_CERTS: this.certificateFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'millrace',
      KAFKA_SASL_PASSWORD: password,
    };
  }

  remove(): Promise<void> {
    return this.broker.remove();
  }
}

/** Kafka is there as long as whoever works on the data directory. */
async function withSecuredKafka(
  use: (kafka: SecuredKafka, dataDir: string) => Promise<void>,
): Promise<void> {
  await withDataDir(async (files) => {
    const kafka = await SecuredKafka.start(files);
    try {
      await withDataDir((dataDir) => use(kafka, dataDir));
    } finally {
      await kafka.remove();
    }
  });
}

describe('over TLS, with a user of Kafka', () => {
  it('Millrace publishes and delivers', () =>
    withSecuredKafka(async (kafka, dataDir) => {
      const millrace = await MillraceProcess.start(dataDir, kafka.settings(PASSWORD));
      await eventually(
        async () => (await millrace.call('GET', '/readyz')).status,
        (status) => status === 200,
      );
      await millrace.call('PUT', '/v1/topics/orders', {});
      const subscription = { id: 'orders', topic: 'orders', kind: 'stream', start: 'earliest' };
      expect((await millrace.call('POST', '/v1/subscriptions', subscription)).status).toBe(201);
      const stored = await millrace.call('POST', '/v1/topics/orders/events', { n: 1 });
      expect(stored.status).toBe(202);
      const path = '/v1/streams/orders/events?waitSeconds=20&limit=1';
      const read = await millrace.call('GET', path);
      expect(await read.text()).toContain('"n":1');
      expect(await millrace.end()).toBe(0);
    }));

  it('Millrace says that the password is wrong, waits, and ends when it is told to', () =>
    withSecuredKafka(async (kafka, dataDir) => {
      const millrace = MillraceProcess.spawn(dataDir, kafka.settings('another password'));
      await eventually(
        () => millrace.text,
        (text) => /waits: .*Authentication failed: wrong user name or password/.test(text),
      );
      expect(millrace.url).toBe('');
      expect(await millrace.end()).toBe(0);
    }));
});
