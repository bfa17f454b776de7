import { InvalidSetting, startBroker } from '../../src/kafka/broker/index.js';
import { embeddedBroker } from './support/broker-under-test.js';
import { RawClient } from './support/raw-client.js';

const INIT_PRODUCER_ID = 22;
const DESCRIBE_CONFIGS = 32;
const BROKER = 4;

interface DescribedConfigs {
  readonly results: ReadonlyArray<{
    readonly configs: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  }>;
}

describe('options of startBroker', () => {
  it('are refused where nobody knows them, or not their value', async () => {
    const refused = startBroker({ fsync: 'allways' as 'always' });
    await expect(refused).rejects.toThrow(InvalidSetting);
    await expect(refused).rejects.toThrow('fsync must be one of never, interval, always');
  });

  it('may leave open, as undefined, where users come from otherwise', async () => {
    const users = { users: { ann: 'one' }, usersFile: undefined };
    const broker = await embeddedBroker({ sasl: users as { readonly users: { ann: string } } });
    expect(broker.port).toBeGreaterThan(0);
    await broker.stop();
  });

  it('have their defaults where they are undefined, and stand beside them where they are given', async () => {
    const broker = await embeddedBroker({
      fsync: undefined,
      defaultPartitions: undefined,
      groups: { initialRebalanceDelayMs: 7, minSessionTimeoutMs: undefined },
      transactions: { maxIds: 1 },
    });
    const client = await RawClient.open(broker);
    const { results } = await client.request<DescribedConfigs>(DESCRIBE_CONFIGS, 4, {
      resources: [{ resourceType: BROKER, resourceName: '1', configurationKeys: null }],
    });
    const values = Object.fromEntries(results[0]!.configs.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      'num.partitions': '1',
      'group.initial.rebalance.delay.ms': '7',
      'group.min.session.timeout.ms': '6000',
    });
    const begin = async (transactionalId: string): Promise<number> => {
      const request = { transactionalId, transactionTimeoutMs: 60_000 };
      const answer = await client.request<{ errorCode: number }>(INIT_PRODUCER_ID, 2, request);
      return answer.errorCode;
    };
    expect(await begin('first')).toBe(0);
    expect(await begin('second')).not.toBe(0);
    client.close();
    await broker.stop();
  });
});
