import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBroker, type RunningBroker } from '../../../src/kafka/broker/start-broker.js';
import { KafkaEventLog } from '../../../src/kafka/log/kafka-event-log.js';
import { eventually } from '../../support/eventually.js';
import { CuttingProxy } from './support/cutting-proxy.js';
import { GroupLedger } from './support/group-ledger.js';
import { freshTopic, openLog, testKafka } from './support/log-harness.js';

const ALL = 1_000_000_000;

describe('a member that loses Kafka', () => {
  it('gives its partitions up before others get them, when its session times out', async () => {
    const direct = openLog();
    const topic = freshTopic('vanishing');
    await direct.admin.createTopic({ name: topic, partitions: 4 });
    const proxy = await CuttingProxy.start(testKafka(), ALL);
    const { port } = proxy;
    const reachedAt = () => ({ host: '127.0.0.1', port });
    const cut = new KafkaEventLog({ brokers: [`127.0.0.1:${port}`], ssl: false, reachedAt });
    const ledger = new GroupLedger(`group-${randomUUID()}`);
    try {
      const options = { sessionTimeoutMs: 6_000, topics: [topic] };
      const stays = ledger.join(direct, 'stays', options);
      const vanishes = ledger.join(cut, 'vanishes', options);
      await ledger.settles({ stays: 2, vanishes: 2 });
      await proxy.stop();
      const last = vanishes.lastHeartbeatAt ?? 0;
      await ledger.settles({ stays: 4, vanishes: 0 });
      expect(vanishes.lastHeartbeatAt).toBeUndefined();
      expect(vanishes.trouble).toMatchObject({ code: 'LOG.UNAVAILABLE' });
      expect(ledger.heldTwice).toEqual([]);
      const [, lost] = ledger.told.filter(({ member }) => member === 'vanishes');
      expect(lost).toMatchObject({ what: 'lost' });
      expect((lost?.at ?? 0) - last).toBeLessThan(options.sessionTimeoutMs + 3_000);
      expect(stays.trouble).toBeUndefined();
    } finally {
      await ledger.leaveAll();
      await cut.close();
      await direct.admin.deleteTopic(topic);
      await direct.close();
    }
  });

  it('never makes two hold a partition while connections break off at random points', async () => {
    const proxy = await CuttingProxy.start(testKafka(), 2_000);
    const { port } = proxy;
    const reachedAt = () => ({ host: '127.0.0.1', port });
    const open = () => new KafkaEventLog({ brokers: [`127.0.0.1:${port}`], ssl: false, reachedAt });
    const direct = openLog();
    const topic = freshTopic('cut-group');
    await direct.admin.createTopic({ name: topic, partitions: 6 });
    const ledger = new GroupLedger(`group-${randomUUID()}`);
    const options = { sessionTimeoutMs: 6_000, topics: [topic] };
    const logs = [open(), open()];
    try {
      for (const [index, log] of logs.entries()) ledger.join(log, `stays-${index}`, options);
      for (let guest = 0; proxy.cuts < 12; guest += 1) {
        const log = open();
        logs.push(log);
        const joined = ledger.join(log, `guest-${guest}`, options);
        await eventually(
          () => ledger.held(`guest-${guest}`).length,
          (size) => size > 0,
        );
        await joined.leave();
        await log.close();
      }
      proxy.cutting = false;
      await ledger.settles({ 'stays-0': 3, 'stays-1': 3 });
      expect(ledger.heldTwice).toEqual([]);
    } finally {
      await ledger.leaveAll();
      for (const log of logs) await log.close();
      await proxy.stop();
      await direct.admin.deleteTopic(topic);
      await direct.close();
    }
  });

  describe('that is started again', () => {
    let dataDir: string;
    let broker: RunningBroker;
    let log: KafkaEventLog;
    const settings = { groups: { minSessionTimeoutMs: 100 } };

    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'millrace-membership-'));
      broker = await startBroker({ ...settings, dataDir });
      log = new KafkaEventLog({ brokers: [`127.0.0.1:${broker.port}`], ssl: false });
      await log.admin.createTopic({ name: 'events', partitions: 3 });
    });

    afterEach(async () => {
      await log.close();
      await broker.stop();
      await rm(dataDir, { recursive: true, force: true });
    });

    const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
      const { port } = broker;
      await broker.stop();
      await meanwhile();
      broker = await startBroker({ ...settings, port, dataDir });
    };

    it('stays a member over a restart shorter than its session', async () => {
      const ledger = new GroupLedger('short');
      const member = ledger.join(log, 'a', { sessionTimeoutMs: 30_000, topics: ['events'] });
      await ledger.settles({ a: 3 });
      await restart(async () => undefined);
      const since = performance.now();
      await eventually(
        () => member.lastHeartbeatAt ?? 0,
        (at) => at > since,
      );
      await member.commit([{ topic: 'events', partition: 2, offset: 0 }]);
      expect(ledger.toldTo('a').map(({ what }) => what)).toEqual(['assigned']);
      await ledger.leaveAll();
    });

    it('hears of the loss while Kafka is away, and joins again by itself', async () => {
      const ledger = new GroupLedger('long');
      const member = ledger.join(log, 'a', { sessionTimeoutMs: 2_000, topics: ['events'] });
      await ledger.settles({ a: 3 });
      await restart(() => ledger.settles({ a: 0 }));
      await ledger.settles({ a: 3 });
      expect(ledger.toldTo('a').map(({ what }) => what)).toEqual(['assigned', 'lost', 'assigned']);
      await member.commit([{ topic: 'events', partition: 0, offset: 0 }]);
      await ledger.leaveAll();
    });
  });
});
