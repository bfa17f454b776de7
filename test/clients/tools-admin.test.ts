import { unique } from '../conformance/support/names.js';
import { eventually } from '../support/eventually.js';
import { brokerAddress } from './support/broker.js';
import { Java } from './support/java.js';
import type { JavaClient } from './support/java-clients.js';
import { newTopic } from './support/java-topics.js';
import { lines, Tools } from './support/tools.js';

let java: Java;
let admin: JavaClient;
let tools: Tools;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
  tools = await Tools.open(java);
});
afterAll(() => java.stop());

describe('kafka-topics', () => {
  it('creates, lists, describes, extends and deletes a topic', async () => {
    const topic = unique('tool');
    const name = ['--topic', topic];
    const more = [
      '--partitions',
      '2',
      '--replication-factor',
      '1',
      '--config',
      'retention.ms=1000',
    ];
    expect(await tools.print('kafka-topics', ['--create', ...name, ...more])).toBe(
      `Created topic ${topic}.\n`,
    );
    expect(lines(await tools.print('kafka-topics', ['--list']))).toContain(topic);
    await tools.print('kafka-topics', ['--alter', ...name, '--partitions', '3']);
    const described = lines(await tools.print('kafka-topics', ['--describe', ...name]));
    expect(described[0]).toMatch(
      /TopicId: [\w-]{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: .*retention\.ms=1000/,
    );
    expect(described.slice(1)).toEqual(
      [0, 1, 2].map((partition) =>
        expect.stringContaining(`Partition: ${partition}\tLeader: 1\tReplicas: 1\tIsr: 1`),
      ),
    );
    await tools.print('kafka-topics', ['--delete', ...name]);
    await eventually(
      async () => lines(await tools.print('kafka-topics', ['--list'])),
      (topics) => !topics.includes(topic),
    );
  });

  it('ends with 1 and a reason', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const name = ['--topic', topic];
    expect(await tools.run('kafka-topics', ['--create', ...name])).toMatchObject({
      code: 1,
      out: expect.stringContaining(`Topic '${topic}' already exists.`),
    });
    expect(
      await tools.run('kafka-topics', ['--alter', ...name, '--partitions', '1']),
    ).toMatchObject({
      code: 1,
      out: expect.stringContaining('currently has 2 partition(s); 1 would not be an increase.'),
    });
    const missing = ['--describe', '--topic', unique('tool')];
    expect(await tools.run('kafka-topics', missing)).toMatchObject({
      code: 1,
      out: expect.stringContaining('does not exist as expected'),
    });
  });
});

describe('kafka-configs', () => {
  it('alters and describes what a topic sets', async () => {
    const topic = await newTopic(admin);
    const alter = ['--alter', '--topic', topic];
    const describeIt = ['--describe', '--topic', topic];
    const config = ['--add-config', 'retention.ms=60000,cleanup.policy=[compact,delete]'];
    expect(await tools.print('kafka-configs', [...alter, ...config])).toBe(
      `Completed updating config for topic ${topic}.\n`,
    );
    await eventually(
      () => tools.print('kafka-configs', describeIt),
      (text) => /cleanup\.policy=compact,delete .*\n.*retention\.ms=60000 /.test(text),
    );
    await tools.print('kafka-configs', [...alter, '--delete-config', 'cleanup.policy']);
    await eventually(
      () => tools.print('kafka-configs', describeIt),
      (text) => !text.includes('cleanup.policy') && text.includes('retention.ms=60000'),
    );
    const all = await tools.print('kafka-configs', [...describeIt, '--all']);
    expect(all).toMatch(/ max\.message\.bytes=1048588 sensitive=false synonyms=\{DEFAULT_CONFIG:/);
  });

  it('is refused an unknown name', async () => {
    const topic = await newTopic(admin);
    const args = ['--alter', '--topic', topic, '--add-config', 'nosuch=1'];
    expect(await tools.run('kafka-configs', args)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Unknown topic config name: nosuch'),
    });
  });

  it('describes the broker', async () => {
    const args = ['--describe', '--entity-type', 'brokers', '--entity-name', '1', '--all'];
    const described = await tools.print('kafka-configs', args);
    expect(described).toContain('All configs for broker 1 are:');
    expect(described).toContain(' auto.create.topics.enable=true sensitive=false');
  });
});

describe('the tools about the cluster', () => {
  it('kafka-cluster tells its id and its endpoints', async () => {
    expect(await tools.print('kafka-cluster', ['cluster-id'])).toMatch(/^Cluster ID: [\w-]{22}$/m);
    const [host, port] = brokerAddress().split(':');
    expect(await tools.print('kafka-cluster', ['list-endpoints'])).toMatch(
      new RegExp(`^1 +${host} +${port} +null +unfenced +broker *$`, 'm'),
    );
  });

  it('kafka-metadata-quorum describes the one voter', async () => {
    const status = await tools.print('kafka-metadata-quorum', ['describe', '--status']);
    expect(status).toMatch(/^LeaderId: +1$/m);
    expect(status).toMatch(/^CurrentVoters: +\[\{"id": 1,/m);
    expect(status).toMatch(/^CurrentObservers: +\[\]$/m);
    expect(await tools.print('kafka-metadata-quorum', ['describe', '--replication'])).toMatch(
      /^1 .*Leader\s*$/m,
    );
  });

  it('kafka-broker-api-versions names every API with a version that can be used', async () => {
    const versions = await tools.print('kafka-broker-api-versions', []);
    expect(versions).toContain(`${brokerAddress()} (id: 1 rack: null`);
    for (const api of ['Produce(0)', 'Fetch(1)', 'JoinGroup(11)', 'EndTxn(26)']) {
      expect(versions).toMatch(new RegExp(`${api.replace(/[()]/g, '\\$&')}: .*\\[usable: \\d+\\]`));
    }
  });

  it('kafka-log-dirs tells how large a topic is', async () => {
    const topic = await newTopic(admin);
    await tools.print('kafka-console-producer', ['--topic', topic], 'value\n');
    const out = await tools.print('kafka-log-dirs', ['--describe', '--topic-list', topic]);
    const described = JSON.parse(lines(out).at(-1)!) as {
      readonly brokers: readonly [
        { readonly logDirs: readonly [{ readonly partitions: unknown }] },
      ];
    };
    expect(described.brokers[0].logDirs[0].partitions).toEqual([
      { partition: `${topic}-0`, size: 73, offsetLag: 0, isFuture: false },
    ]);
  });

  it('kafka-transactions lists, describes, finds and aborts', async () => {
    const topic = await newTopic(admin);
    const id = unique('transactional');
    const producer = await java.producer({ 'transactional.id': id });
    await producer.call('init');
    await producer.call('begin');
    await producer.sendValues(topic, 'open');
    expect(await tools.print('kafka-transactions', ['list'])).toMatch(
      new RegExp(`^${id}\\s+1\\s+\\d+\\s+Ongoing\\s*$`, 'm'),
    );
    const describeIt = ['describe', '--transactional-id', id];
    expect(await tools.print('kafka-transactions', describeIt)).toMatch(
      new RegExp(`Ongoing.*\\b${topic}-0\\s*$`, 'm'),
    );
    const place = ['--topic', topic, '--partition', '0'];
    expect(await tools.print('kafka-transactions', ['describe-producers', ...place])).toMatch(
      /^\d+\s+\d+\s+-1\s+0\s+\d+\s+0\s*$/m,
    );
    const hanging = await tools.print('kafka-transactions', ['find-hanging', ...place]);
    expect(lines(hanging)).toHaveLength(1);
    await tools.print('kafka-transactions', ['abort', ...place, '--start-offset', '0']);
    expect(await tools.print('kafka-transactions', ['describe-producers', ...place])).toMatch(
      /^\d+\s+\d+\s+\d+\s+-?\d+\s+\d+\s+None\s*$/m,
    );
    await producer.call('abort');
    await producer.close();
  });

  it('kafka-transactions ends with 1 for an id that there is not', async () => {
    const args = ['describe', '--transactional-id', unique('transactional')];
    expect(await tools.run('kafka-transactions', args)).toMatchObject({
      code: 1,
      err: expect.stringContaining('the ID could not be found'),
    });
  });
});
