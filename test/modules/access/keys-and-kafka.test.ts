import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';

import { hashOf, newApiKey } from '../../../src/auth/api-key.js';
import { newUid } from '../../../src/common/ids.js';
import type { KeyState } from '../../../src/kafka/contracts/access.contracts.js';
import type { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { AccessBed } from './access-app.js';

describe('API keys in Kafka', () => {
  let bed: AccessBed;
  let access: MillraceClient;

  beforeAll(async () => {
    bed = await AccessBed.make();
    access = await bed.start('access');
  });
  afterAll(() => bed.stop());

  const statusOf = async (client: MillraceClient, key: string) =>
    (await client.call('GET', '/openapi.json', { key })).status;

  it('are believed only with the signature of the installation', async () => {
    const key = newApiKey();
    const uid = newUid();
    const state: KeyState = {
      uid,
      id: 'forged',
      hash: hashOf(key),
      scopes: ['admin'],
      topics: null,
      subscriptions: null,
      tenant: null,
      createdAt: new Date().toISOString(),
    };
    const { brokers, prefix } = access.installation.kafka;
    const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await producer.send({
      topic: `${prefix}state.access.keys.v1`,
      messages: [
        {
          key: uid,
          value: JSON.stringify({ uid, version: 1, state }),
          headers: { 'millrace-version': '1' },
        },
      ],
    });
    await producer.disconnect();
    const { key: honest } = await access.must<{ key: string }>('POST', '/v1/keys', {
      json: { scopes: ['publish'] },
    });
    await eventually(
      () => statusOf(access, honest),
      (status) => status === 200,
    );
    expect(await statusOf(access, key)).toBe(401);
    const late = await bed.start();
    expect(await statusOf(late, honest)).toBe(200);
    expect(await statusOf(late, key)).toBe(401);
  });

  it('whose row is gone are revoked when their owner starts again', async () => {
    const { id, key } = await access.must<{ id: string; key: string }>('POST', '/v1/keys', {
      json: { scopes: ['publish'] },
    });
    expect(await statusOf(access, key)).toBe(200);
    const client = new Client({ connectionString: bed.database.url });
    await client.connect();
    await client.query('DELETE FROM access.keys WHERE id = $1', [id]);
    await client.end();
    expect(await statusOf(access, key)).toBe(200);
    await bed.start('access');
    await eventually(
      () => statusOf(access, key),
      (status) => status === 401,
    );
  });
});
