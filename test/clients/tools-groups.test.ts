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

describe('kafka-consumer-groups', () => {
  it('lists and describes a group, resets and deletes its offsets, and deletes it', async () => {
    const topic = await newTopic(admin);
    await tools.print('kafka-console-producer', ['--topic', topic], '1\n2\n3\n');
    const group = unique('group');
    const read = ['--topic', topic, '--group', group, '--from-beginning', '--max-messages', '3'];
    expect(await tools.print('kafka-console-consumer', read)).toBe('1\n2\n3\n');
    const of = ['--group', group];
    expect(lines(await tools.print('kafka-consumer-groups', ['--list']))).toContain(group);
    const states = await tools.print('kafka-consumer-groups', ['--list', '--state']);
    expect(states).toMatch(new RegExp(`^${group} +Empty *$`, 'm'));
    expect(await tools.print('kafka-consumer-groups', ['--describe', ...of])).toMatch(
      new RegExp(`^${group} +${topic} +0 +3 +3 +0 +- +- +- *$`, 'm'),
    );
    expect(await tools.print('kafka-consumer-groups', ['--describe', ...of, '--state'])).toContain(
      `${brokerAddress()}  (1)`,
    );
    const reset = ['--reset-offsets', ...of, '--topic', topic];
    for (const [how, expected] of [
      [['--to-earliest', '--execute'], 0],
      [['--shift-by', '2', '--execute'], 2],
      [['--to-datetime', '2020-01-01T00:00:00.000', '--dry-run'], 0],
      [['--to-latest', '--dry-run'], 3],
      [['--to-current', '--dry-run'], 2],
    ] as const) {
      expect(await tools.print('kafka-consumer-groups', [...reset, ...how])).toMatch(
        new RegExp(`^${group} +${topic} +0 +${expected} *$`, 'm'),
      );
    }
    const deleted = ['--delete-offsets', ...of, '--topic', topic];
    expect(await tools.print('kafka-consumer-groups', deleted)).toMatch(
      new RegExp(`^${topic} +0 +Successful *$`, 'm'),
    );
    expect(await tools.print('kafka-consumer-groups', ['--delete', ...of])).toBe(
      `Deletion of requested consumer groups ('${group}') was successful.\n`,
    );
    expect(await tools.print('kafka-consumer-groups', ['--delete', ...of])).toContain(
      'GroupIdNotFoundException: The group id does not exist.',
    );
    expect(await tools.print('kafka-consumer-groups', ['--describe', ...of])).toContain(
      `GroupIdNotFoundException: Group ${group} not found.`,
    );
  });

  it('describes members, and does not touch what they read', async () => {
    const topic = await newTopic(admin);
    const group = unique('group');
    const consumer = await java.consumer({ 'group.id': group, 'client.id': 'the-client' });
    await consumer.read([topic], { commitAll: true });
    await eventually(
      async () => (await consumer.look()).assignment.length,
      (count) => count === 1,
    );
    const members = ['--describe', '--group', group, '--members', '--verbose'];
    expect(await tools.print('kafka-consumer-groups', members)).toMatch(
      new RegExp(`^${group} +the-client-[\\w-]+ +/127.0.0.1 +the-client +1 .*${topic}:0`, 'm'),
    );
    const reset = ['--reset-offsets', '--group', group, '--topic', topic, '--to-earliest'];
    expect(await tools.print('kafka-consumer-groups', [...reset, '--execute'])).toContain(
      `Assignments can only be reset if the group '${group}' is inactive`,
    );
    expect(await tools.print('kafka-consumer-groups', ['--delete', '--group', group])).toContain(
      'GroupNotEmptyException: The group is not empty.',
    );
    await consumer.close();
  });

  it('is listed by kafka-groups as a classic group of consumers', async () => {
    const topic = await newTopic(admin);
    const group = unique('group');
    const read = ['--topic', topic, '--group', group, '--from-beginning', '--max-messages', '1'];
    await tools.print('kafka-console-producer', ['--topic', topic], '1\n');
    await tools.print('kafka-console-consumer', read);
    expect(await tools.print('kafka-groups', ['--list'])).toMatch(
      new RegExp(`^${group} +Classic +consumer *$`, 'm'),
    );
  });
});
