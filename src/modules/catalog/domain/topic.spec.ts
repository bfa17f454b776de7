import type { TopicInput } from '../../../kafka/contracts/catalog.contracts.js';
import {
  configsOfNew,
  isAsIntended,
  newTopicSettings,
  planKafkaChange,
  requireSameInKafka,
} from './topic-change.js';
import { requireTopicName } from './topic-name.js';
import { differs, withFacts, type KafkaFacts, type Topic } from './topic.js';

const facts: KafkaFacts = {
  kafkaTopicId: 'id-1',
  partitions: 4,
  replicationFactor: 1,
  retentionSeconds: 604_800,
  retentionBytes: -1,
  maxMessageBytes: 1_048_588,
};
const intent = (input: TopicInput = {}): Topic => ({
  ...newTopicSettings(input),
  uid: 'u',
  name: 'orders',
  status: 'creating',
  managed: true,
  kafkaTopicId: null,
  missing: false,
  version: 1,
  createdAt: new Date(0),
});
const code = (wanted: string): Error => expect.objectContaining({ code: wanted }) as Error;
const plan = (input: TopicInput, maxEventBytes = 1_000_000) =>
  planKafkaChange('orders', input, facts, maxEventBytes);

describe('topic names', () => {
  it.each(['a', '0', 'orders.v1', 'a_b-c', 'millrace', 'x'.repeat(64)])('accepts %s', (name) => {
    expect(() => requireTopicName(name, 'test.')).not.toThrow();
  });

  it.each(['', 'A', '.a', '-a', '__x', 'millrace.x', 'test.x', 'a b', 'x'.repeat(65), 'ü'])(
    'refuses %j',
    (name) => {
      expect(() => requireTopicName(name, 'test.')).toThrow(code('CATALOG.TOPIC_NAME_INVALID'));
    },
  );
});

describe('a new topic', () => {
  it('has 4 partitions and leaves the rest to the broker', () => {
    expect(intent()).toMatchObject({ partitions: 4, replicationFactor: null });
    expect(configsOfNew(intent())).toEqual({});
  });

  it('turns its settings into configs of Kafka', () => {
    const topic = intent({ retentionSeconds: 60, retentionBytes: -1, maxEventBytes: 2_000_000 });
    expect(configsOfNew(topic)).toEqual({
      'retention.ms': '60000',
      'retention.bytes': '-1',
      'max.message.bytes': '2048588',
    });
    expect(configsOfNew(intent({ retentionSeconds: -1 }))).toEqual({ 'retention.ms': '-1' });
  });

  it('is told from one of the same name that another program made meanwhile', () => {
    expect(isAsIntended(intent(), facts)).toBe(true);
    expect(isAsIntended(intent({ partitions: 5 }), facts)).toBe(false);
    expect(isAsIntended(intent({ retentionSeconds: 1 }), facts)).toBe(false);
  });
});

describe('a change of a managed topic', () => {
  it('tells Kafka nothing when nothing changes there', () => {
    const same = { partitions: 4, replicationFactor: 1, retentionSeconds: 604_800 };
    expect(plan(same)).toEqual({ configs: {} });
    expect(plan({ enforceSchemas: true })).toEqual({ configs: {} });
  });

  it('sets what is asked for', () => {
    expect(plan({ retentionSeconds: 60, retentionBytes: 5 })).toEqual({
      configs: { 'retention.ms': '60000', 'retention.bytes': '5' },
    });
    expect(plan({}, 5_000_000)).toEqual({ configs: { 'max.message.bytes': '5048588' } });
  });

  it('grows partitions only when the loss of order is accepted', () => {
    expect(() => plan({ partitions: 8 })).toThrow(code('CATALOG.REORDER_NOT_ALLOWED'));
    expect(plan({ partitions: 8, allowReorder: true })).toEqual({ partitions: 8, configs: {} });
    const fewer = { partitions: 3, allowReorder: true };
    expect(() => plan(fewer)).toThrow(code('CATALOG.PARTITIONS_CANNOT_SHRINK'));
  });

  it('leaves replication as it is', () => {
    expect(() => plan({ replicationFactor: 3 })).toThrow(code('CATALOG.REPLICATION_FIXED'));
  });
});

describe('an adopted topic', () => {
  it('may be described as it is, and not otherwise', () => {
    expect(() => requireSameInKafka('orders', { partitions: 4 }, facts)).not.toThrow();
    expect(() =>
      requireSameInKafka('orders', { partitions: 8, allowReorder: true }, facts),
    ).toThrow(code('CATALOG.TOPIC_NOT_MANAGED'));
  });
});

describe("Kafka's facts", () => {
  const topic = withFacts({ ...intent(), status: 'active' }, facts);

  it('make no difference when they are known', () => {
    expect(differs(topic, withFacts(topic, facts))).toBe(false);
    expect(differs(topic, { ...topic, version: 9 })).toBe(false);
  });

  it('show a topic that was deleted or made again', () => {
    expect(withFacts(topic, undefined)).toEqual({ ...topic, missing: true });
    const again = withFacts({ ...topic, missing: true }, { ...facts, kafkaTopicId: 'id-2' });
    expect(again).toMatchObject({ kafkaTopicId: 'id-2', missing: false });
    expect(differs(topic, again)).toBe(true);
  });
});
