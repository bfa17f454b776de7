import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unique } from '../conformance/support/names.js';
import { Java } from './support/java.js';
import type { JavaClient } from './support/java-clients.js';
import { newTopic } from './support/java-topics.js';
import { lines, runAlone, Tools } from './support/tools.js';

let java: Java;
let admin: JavaClient;
let tools: Tools;
let directory: string;

beforeAll(async () => {
  java = Java.start();
  admin = await java.admin();
  tools = await Tools.open(java);
  directory = await mkdtemp(join(tmpdir(), 'millrace-tools-'));
});
afterAll(async () => {
  await java.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What each line of JSON is about. */
const names = (text: string): readonly string[] =>
  lines(text).map((line) => (JSON.parse(line) as { readonly name: string }).name);

describe('kafka-console-producer and kafka-console-consumer', () => {
  it('hand over keys, headers and values', async () => {
    const topic = await newTopic(admin);
    const parse = ['parse.key=true', 'parse.headers=true'].flatMap((p) => ['--reader-property', p]);
    await tools.print(
      'kafka-console-producer',
      ['--topic', topic, ...parse],
      'h1:v1,h2:v2\tkey1\tvalue1\nh:x\tkey2\tvalue2\n',
    );
    await tools.print(
      'kafka-console-producer',
      ['--topic', topic, '--compression-codec', 'zstd'],
      'plain\n',
    );
    const show = ['key', 'headers', 'offset', 'partition'].flatMap((what) => [
      '--formatter-property',
      `print.${what}=true`,
    ]);
    const args = ['--topic', topic, '--from-beginning', '--max-messages', '3', ...show];
    expect(lines(await tools.print('kafka-console-consumer', args))).toEqual([
      'Partition:0\tOffset:0\th1:v1,h2:v2\tkey1\tvalue1',
      'Partition:0\tOffset:1\th:x\tkey2\tvalue2',
      'Partition:0\tOffset:2\tNO_HEADERS\tnull\tplain',
    ]);
  });

  it('go on where the group was, and begin at an offset', async () => {
    const topic = await newTopic(admin);
    await tools.print('kafka-console-producer', ['--topic', topic], '1\n2\n3\n4\n');
    const read = (count: number, ...more: readonly string[]): Promise<string> =>
      tools.print(
        'kafka-console-consumer',
        ['--topic', topic, '--max-messages', String(count)].concat(more),
      );
    const group = ['--group', unique('group')];
    expect(await read(3, ...group, '--from-beginning')).toBe('1\n2\n3\n');
    expect(await read(1, ...group)).toBe('4\n');
    expect(await read(3, '--partition', '0', '--offset', '1')).toBe('2\n3\n4\n');
  });

  it('end when nothing comes', async () => {
    const topic = await newTopic(admin);
    const args = ['--topic', topic, '--partition', '0', '--timeout-ms', '300'];
    expect(await tools.run('kafka-console-consumer', args)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('Processed a total of 0 messages'),
    });
  });

  it('show what was committed only, where asked to', async () => {
    const topic = await newTopic(admin);
    const producer = await java.producer({ 'transactional.id': unique('transactional') });
    await producer.call('init');
    for (const end of ['abort', 'commit']) {
      await producer.call('begin');
      await producer.sendValues(topic, end);
      await producer.call(end);
    }
    await producer.close();
    const args = ['--topic', topic, '--from-beginning', '--isolation-level', 'read_committed'];
    expect(await tools.print('kafka-console-consumer', [...args, '--max-messages', '1'])).toBe(
      'commit\n',
    );
  });
});

describe('kafka-get-offsets and kafka-delete-records', () => {
  it('tell and move the ends of partitions', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const producer = await java.producer();
    const at = Date.now() - 10_000;
    for (const [i, time] of [at, at + 200, at + 100].entries()) {
      await producer.send({ topic, partition: 0, value: `${i}`, timestamp: time });
    }
    await producer.close();
    const offsets = async (...time: readonly string[]): Promise<readonly string[]> =>
      lines(await tools.print('kafka-get-offsets', ['--topic', topic, ...time]));
    const file = join(directory, `${topic}.json`);
    await writeFile(
      file,
      JSON.stringify({ partitions: [{ topic, partition: 0, offset: 1 }], version: 1 }),
    );
    expect(await offsets()).toEqual([`${topic}:0:3`, `${topic}:1:0`]);
    expect(await offsets('--time', 'earliest')).toEqual([`${topic}:0:0`, `${topic}:1:0`]);
    expect(await offsets('--time', 'max-timestamp')).toEqual([`${topic}:0:1`]);
    expect(await offsets('--time', 'latest-tiered')).toEqual(['']);
    expect(await offsets('--time', String(at + 50))).toEqual([`${topic}:0:1`]);
    expect(await tools.print('kafka-delete-records', ['--offset-json-file', file])).toContain(
      `partition: ${topic}-0\tlow_watermark: 1`,
    );
    expect(await offsets('--time', 'earliest')).toEqual([`${topic}:0:1`, `${topic}:1:0`]);
  });

  it('end with 1 where there is no such topic', async () => {
    expect(await tools.run('kafka-get-offsets', ['--topic', unique('tool')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Could not match any topic-partitions'),
    });
  });
});

describe('the tools that measure', () => {
  it('kafka-producer-perf-test and kafka-consumer-perf-test count all records', async () => {
    const topic = await newTopic(admin, { partitions: 2 });
    const many = ['--topic', topic, '--num-records', '3000'];
    const produce = [...many, '--record-size', '100', '--throughput', '-1'];
    expect(await tools.print('kafka-producer-perf-test', produce)).toMatch(/^3000 records sent, /m);
    const consume = [...many, '--timeout', '30000', '--group', unique('group')];
    const [header, numbers] = lines(await tools.print('kafka-consumer-perf-test', consume));
    const column = header!.split(', ').indexOf('data.consumed.in.nMsg');
    expect(numbers!.split(', ')[column]).toBe('3000');
  });

  it('kafka-producer-perf-test prints decimal points, whatever the platform’s language', async () => {
    const topic = await newTopic(admin);
    const german = '-Duser.language=de -Duser.country=DE';
    const elsewhere = Java.start({ JAVA_TOOL_OPTIONS: german });
    const args = ['--topic', topic, '--num-records', '10', '--record-size', '100'];
    const printed = await (
      await Tools.open(elsewhere)
    ).print('kafka-producer-perf-test', [...args, '--throughput', '-1']);
    await elsewhere.stop();
    expect(printed).toMatch(/^10 records sent, \d+\.\d+ records\/sec/m);
  });

  it('kafka-producer-perf-test writes transactions', async () => {
    const topic = await newTopic(admin);
    const args = ['--topic', topic, '--num-records', '500', '--record-size', '100'];
    const id = unique('transactional');
    const transactions = ['--transaction-duration-ms', '50', '--transactional-id', id];
    expect(
      await tools.print('kafka-producer-perf-test', [
        ...args,
        ...transactions,
        '--throughput',
        '2000',
      ]),
    ).toMatch(/^500 records sent, /m);
    const read = ['--topic', topic, '--from-beginning', '--isolation-level', 'read_committed'];
    const values = await tools.print('kafka-console-consumer', [...read, '--max-messages', '500']);
    expect(lines(values)).toHaveLength(500);
  });

  it('kafka-e2e-latency gets every record back', async () => {
    const topic = unique('tool');
    const args = ['--topic', topic, '--num-records', '20', '--producer-acks', 'all'];
    const out = await tools.print('kafka-e2e-latency', [...args, '--record-size', '100']);
    expect(out).toMatch(/^Avg latency: [\d.]+ ms$/m);
    const offsets = await tools.print('kafka-get-offsets', ['--topic', topic]);
    expect(offsets).toBe(`${topic}:0:20\n`);
  });

  it('kafka-verifiable-producer and kafka-verifiable-consumer agree', async () => {
    const topic = await newTopic(admin);
    const many = ['--topic', topic, '--max-messages', '20'];
    const produced = await runAlone('kafka-verifiable-producer', many);
    expect(produced.code).toBe(0);
    expect(names(produced.out)).toEqual([
      'startup_complete',
      ...Array.from({ length: 20 }, () => 'producer_send_success'),
      'shutdown_complete',
      'tool_data',
    ]);
    const consumed = await runAlone(
      'kafka-verifiable-consumer',
      many.concat('--group-id', unique('group'), '--reset-policy', 'earliest'),
    );
    expect(consumed.code).toBe(0);
    expect(names(consumed.out)).toEqual(
      expect.arrayContaining([
        'startup_complete',
        'partitions_assigned',
        'records_consumed',
        'offsets_committed',
        'shutdown_complete',
      ]),
    );
    const counts = lines(consumed.out)
      .map((line) => JSON.parse(line) as { readonly name: string; readonly count: number })
      .filter(({ name }) => name === 'records_consumed');
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(20);
  });
});
