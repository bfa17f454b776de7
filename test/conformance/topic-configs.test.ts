import { eventually } from '../support/eventually.js';
import { batchOf, produce } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const DESCRIBE_CONFIGS = 32;
const ALTER_CONFIGS = 33;
const INCREMENTAL_ALTER_CONFIGS = 44;

const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  MESSAGE_TOO_LARGE: 10,
  INVALID_CONFIG: 40,
  INVALID_REQUEST: 42,
} as const;

const TOPIC = 2;
const SET_ON_TOPIC = 1;
const BY_DEFAULT = 5;

interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly configSource: number;
}

let client: RawClient;
withOneBroker((started) => ({ client } = started));

async function configsOf(topic: string): Promise<ReadonlyMap<string, DescribedConfig>> {
  const { results } = await client.request<{
    results: ReadonlyArray<{ configs: readonly DescribedConfig[] }>;
  }>(DESCRIBE_CONFIGS, 4, {
    resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }],
  });
  return new Map(results[0]!.configs.map((config) => [config.name, config]));
}

async function alter(topic: string, name: string, value: string | null, operation = 0) {
  const { responses } = await client.request<{ responses: ReadonlyArray<{ errorCode: number }> }>(
    INCREMENTAL_ALTER_CONFIGS,
    1,
    {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: topic,
          configs: [{ name, configOperation: operation, value }],
        },
      ],
      validateOnly: false,
    },
  );
  return responses[0]!.errorCode;
}

describe('configurations', () => {
  it('tells where each value comes from', async () => {
    const topic = await createTopic(client, { configs: { 'cleanup.policy': 'compact' } });
    const configs = await configsOf(topic);
    expect(configs.get('cleanup.policy')).toMatchObject({
      value: 'compact',
      configSource: SET_ON_TOPIC,
    });
    expect(configs.get('retention.ms')).toMatchObject({
      value: '604800000',
      configSource: BY_DEFAULT,
    });
  });

  it('has the names and defaults of Apache Kafka', async () => {
    const configs = await configsOf(await createTopic(client));
    const values = Object.fromEntries([...configs].map(([name, { value }]) => [name, value]));
    expect(values).toMatchObject({
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'delete.retention.ms': '86400000',
      'max.compaction.lag.ms': '9223372036854775807',
      'max.message.bytes': '1048588',
      'message.timestamp.type': 'CreateTime',
      'min.cleanable.dirty.ratio': '0.5',
      'min.compaction.lag.ms': '0',
      'retention.bytes': '-1',
      'segment.bytes': '1073741824',
      'segment.ms': '604800000',
    });
  });

  it('changes one by one, adds to lists, and goes back to the default', async () => {
    const topic = await createTopic(client, { configs: { 'retention.ms': '1000000' } });
    expect(await alter(topic, 'segment.ms', '5000')).toBe(0);
    expect(await alter(topic, 'cleanup.policy', 'compact', 2)).toBe(0);
    expect(await alter(topic, 'retention.ms', null, 1)).toBe(0);
    await eventually(
      async () => (await configsOf(topic)).get('retention.ms')!.configSource,
      (source) => source === BY_DEFAULT,
    );
    const configs = await configsOf(topic);
    expect(configs.get('segment.ms')!.value).toBe('5000');
    expect(configs.get('cleanup.policy')!.value.split(',').sort()).toEqual(['compact', 'delete']);
  });

  it('refuses what it refuses at creation, and unknown topics', async () => {
    const topic = await createTopic(client);
    expect(await alter(topic, 'no.such', '1')).toBe(ERROR.INVALID_CONFIG);
    expect(await alter(topic, 'retention.ms', 'soon')).toBe(ERROR.INVALID_CONFIG);
    expect(await alter(topic, 'retention.ms', '1', 2)).toBe(ERROR.INVALID_CONFIG);
    expect(await alter(topic, 'min.compaction.lag.ms', '5000')).toBe(0);
    expect(await alter(topic, 'max.compaction.lag.ms', '4999')).toBe(ERROR.INVALID_CONFIG);
    expect(await alter(unique('nowhere'), 'retention.ms', '1')).toBe(
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    );
  });

  it('replaces all of them by the older request', async () => {
    const topic = await createTopic(client, { configs: { 'retention.ms': '1000000' } });
    await client.request(ALTER_CONFIGS, 1, {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: topic,
          configs: [{ name: 'segment.ms', value: '6000' }],
        },
      ],
      validateOnly: false,
    });
    await eventually(
      async () => (await configsOf(topic)).get('segment.ms')!.value,
      (value) => value === '6000',
    );
    expect((await configsOf(topic)).get('retention.ms')!.configSource).toBe(BY_DEFAULT);
  });

  it.each([ALTER_CONFIGS, INCREMENTAL_ALTER_CONFIGS])(
    'changes nothing that is named twice: request %i',
    async (key) => {
      const topic = await createTopic(client);
      const to = (...values: readonly string[]) => ({
        resourceType: TOPIC,
        resourceName: topic,
        configs: values.map((value) => ({ name: 'segment.ms', configOperation: 0, value })),
      });
      // Apache Kafka 4.3 never answers an AlterConfigs that names a topic twice.
      const twice = isForeign && key === ALTER_CONFIGS ? [] : [[to('5000'), to('6000')]];
      for (const resources of [[to('5000', '6000')], ...twice]) {
        const { responses } = await client.request<{
          responses: ReadonlyArray<{ errorCode: number }>;
        }>(key, 1, { resources, validateOnly: false });
        expect(responses.map(({ errorCode }) => errorCode)).toEqual(
          resources.map(() => ERROR.INVALID_REQUEST),
        );
      }
      expect((await configsOf(topic)).get('segment.ms')!.configSource).toBe(BY_DEFAULT);
    },
  );

  it.each([ALTER_CONFIGS, INCREMENTAL_ALTER_CONFIGS])(
    'refuses a value that is not there: request %i',
    async (key) => {
      const topic = await createTopic(client, { configs: { 'segment.ms': '5000' } });
      const change = async (resourceName: string, name: string, configOperation = 0) => {
        const { responses } = await client.request<{
          responses: ReadonlyArray<{ errorCode: number }>;
        }>(key, 1, {
          resources: [
            {
              resourceType: TOPIC,
              resourceName,
              configs: [{ name, configOperation, value: null }],
            },
          ],
          validateOnly: false,
        });
        return responses[0]!.errorCode;
      };
      expect(await change(topic, 'segment.ms')).toBe(ERROR.INVALID_REQUEST);
      expect(await change(topic, 'no.such')).toBe(ERROR.INVALID_REQUEST);
      expect(await change(unique('nowhere'), 'segment.ms')).toBe(ERROR.INVALID_REQUEST);
      expect(await change(topic, 'cleanup.policy', 2)).toBe(ERROR.INVALID_REQUEST);
      expect(await change(topic, 'cleanup.policy', 3)).toBe(ERROR.INVALID_REQUEST);
      expect((await configsOf(topic)).get('segment.ms')!.value).toBe('5000');
    },
  );

  it('refuses batches above max.message.bytes, and takes a new bound at once', async () => {
    const topic = await createTopic(client, { configs: { 'max.message.bytes': '2000' } });
    const large = (): Buffer => batchOf(['x'.repeat(3000)]);
    expect((await produce(client, topic, large())).errorCode).toBe(ERROR.MESSAGE_TOO_LARGE);
    expect(await alter(topic, 'max.message.bytes', '4000')).toBe(0);
    await eventually(
      async () => (await produce(client, topic, large())).errorCode,
      (error) => error === 0,
    );
  });
});
