import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { firstAnswer, RawConnection, sendRaw } from '../modules/http/support/raw-connection.js';
import { eventually } from '../support/eventually.js';
import { checkDelivery } from './checker/check-delivery.js';
import { Load } from './support/load.js';
import { ProvingGround } from './support/proving-ground.js';
import { readAll } from './support/read-all.js';

const IDLE = 10_000;
const GARBAGE = 50;
/** Ten thousand sockets, garbage and load together may cost so much, and no more. */
const LARGEST_GROWTH_MB = 200;
const idleConnections = join(import.meta.dirname, '../modules/http/support/idle-connections.mjs');

const portOf = (url: string): number => Number(new URL(url).port);

const lengthPrefixed = (length: number, bytes: Buffer): Buffer => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(length);
  return Buffer.concat([size, bytes]);
};

/** What is no Kafka request: noise, impossible lengths, unknown requests, requests cut short. */
const brokerGarbage = (): readonly Buffer[] => [
  randomBytes(2_000),
  lengthPrefixed(0x7fff_ffff, randomBytes(64)),
  lengthPrefixed(-1, randomBytes(64)),
  lengthPrefixed(64, randomBytes(64)),
  lengthPrefixed(20, Buffer.from('7fff7fff0000000100000000000000000000', 'hex')),
];

/** Sends garbage on connections of its own and hangs up. */
async function pester(port: number, garbage: () => readonly Buffer[]): Promise<void> {
  for (let count = 0; count < GARBAGE; count += 1) {
    for (const bytes of garbage()) {
      const connection = await RawConnection.open(port);
      connection.send(bytes);
      connection.halfClose();
      if (count % 2 === 0) connection.vanish();
      else await connection.untilClosed();
    }
  }
}

describe('a Millrace that is abused', () => {
  let ground: ProvingGround;
  let topic: string;
  let stream: string;
  let load: Load;

  beforeAll(async () => {
    ground = await ProvingGround.start();
    topic = await ground.client.createTopic({ partitions: 4 });
    stream = await ground.client.createStream(topic);
    load = new Load(ground.target, { topic, keys: 4 });
    await flows();
  });
  afterAll(() => ground.stop());

  const flows = async () => {
    const { count } = load;
    await eventually(
      () => load.count,
      (now) => now > count + 100,
    );
  };
  const alive = async () => (await ground.client.call('GET', '/livez', { key: null })).status;
  const httpPort = () => portOf(ground.target.url!);
  const residentMb = async () => {
    const { body } = await ground.client.call<{ text: string }>('GET', '/metrics');
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(body.text)?.[1]) / 1_048_576;
  };

  it('serves others, cuts off what never ends, and keeps its memory', async () => {
    const before = await residentMb();
    const endless = sendRaw(
      httpPort(),
      [
        `POST /v1/topics/${topic}/events HTTP/1.1`,
        'host: a',
        `authorization: Bearer ${ground.target.adminKey}`,
        'content-type: application/json',
        'content-length: 100',
        '\r\n{"never":',
      ].join('\r\n'),
    );
    const idle = fork(idleConnections, [String(httpPort()), String(IDLE)]);
    const says = (word: string) =>
      new Promise<void>((resolve) => {
        idle.on('message', (said) => said === word && resolve());
      });
    const [opened, closed] = [says('opened'), says('closed')];
    await opened;
    expect(await alive()).toBe(200);
    expect((await ground.client.publish(topic, { key: 'lone', sequence: 0 })).topic).toBe(topic);
    await flows();
    await pester(httpPort(), () => [randomBytes(2_000), Buffer.from('16030100ff', 'hex')]);
    await pester(Number(ground.kafka.address.split(':')[1]), brokerGarbage);
    await flows();
    expect((await residentMb()) - before).toBeLessThan(LARGEST_GROWTH_MB);
    expect(firstAnswer(await endless)).toMatchObject({
      status: 408,
      body: { code: 'REQUEST.TIMED_OUT' },
    });
    await closed;
    expect(await alive()).toBe(200);
    await flows();
  }, 120_000);

  it('has stored all that it acknowledged meanwhile', async () => {
    const acknowledged = await load.stop();
    expect(checkDelivery(acknowledged, await readAll(ground.target, stream)).faults).toEqual([]);
  });

  it('ends although somebody is still sending a request', async () => {
    const connection = await RawConnection.open(httpPort());
    connection.send('POST /v1/topics HTTP/1.1\r\nhost: a\r\nx: ');
    const closed = connection.untilClosed();
    await ground.endMillrace();
    expect(await closed).not.toContain(' 20');
  });
});
