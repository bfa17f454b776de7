import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localCertificate, localKey } from '../support/certificate.js';
import { eventually } from '../support/eventually.js';
import { MillraceProcess, withDataDir } from './millrace-process.js';
import { BrokerProcess } from './support/broker-process.js';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'];

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
    await writeFile(users, 'millrace:a password: with a colon\n');
    const tls = ['--tls-cert', cert, '--tls-key', key];
    const broker = await BrokerProcess.start(...tls, '--sasl-users', users);
    return new SecuredKafka(broker, cert);
  }

  /** What Millrace is told of it. */
  settings(mechanism: string, password: string): Readonly<Record<string, string>> {
    return {
      KAFKA_BROKERS: this.broker.address,
      KAFKA_SSL: 'true',
      NODE_EXTRA_CA_CERTS: this.certificateFile,
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: 'millrace',
      KAFKA_SASL_PASSWORD: password,
    };
  }

  remove(): Promise<void> {
    return this.broker.remove();
  }
}

async function withSecuredKafka(
  use: (kafka: SecuredKafka, dataDir: string) => Promise<void>,
): Promise<void> {
  await withDataDir(async (dataDir) => {
    const kafka = await SecuredKafka.start(dataDir);
    try {
      await use(kafka, dataDir);
    } finally {
      await kafka.remove();
    }
  });
}

describe('over TLS, with a user of Kafka', () => {
  it.each(mechanisms)('Millrace publishes and delivers: %s', (mechanism) =>
    withSecuredKafka(async (kafka, dataDir) => {
      const settings = kafka.settings(mechanism, 'a password: with a colon');
      const millrace = await MillraceProcess.start(dataDir, settings);
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
    }),
  );
});
