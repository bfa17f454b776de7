import { batchOf, produce } from './support/batches.js';
import type { BrokerUnderTest } from './support/broker-under-test.js';
import { unique } from './support/names.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const DESCRIBE_LOG_DIRS = 35;
const DESCRIBE_QUORUM = 55;
const DESCRIBE_CLUSTER = 60;

const ERROR = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  MISMATCHED_ENDPOINT_TYPE: 114,
  UNSUPPORTED_ENDPOINT_TYPE: 115,
} as const;

const ENDPOINT = { broker: 1, controller: 2, unknown: 3 } as const;

let broker: BrokerUnderTest;
let client: RawClient;
withOneBroker((started) => ({ broker, client } = started));

describe('the cluster', () => {
  interface Described {
    readonly errorCode: number;
    readonly clusterId: string;
    readonly controllerId: number;
    readonly brokers: ReadonlyArray<{ readonly brokerId: number; readonly port: number }>;
  }
  const describeCluster = (version: number, endpointType: number = ENDPOINT.broker) =>
    client.request<Described>(DESCRIBE_CLUSTER, version, {
      includeClusterAuthorizedOperations: false,
      endpointType,
      includeFencedBrokers: false,
    });

  it.each([0, 1, 2])('is one broker that is its controller too: version %i', async (version) => {
    const { clusterId, ...cluster } = await describeCluster(version);
    expect(clusterId).toMatch(/^[\w-]{22}$/);
    expect(cluster).toMatchObject({
      errorCode: 0,
      controllerId: 1,
      brokers: [{ brokerId: 1, port: broker.port }],
    });
  });

  it('is not told of controllers by a broker', async () => {
    expect(await describeCluster(1, ENDPOINT.controller)).toMatchObject({
      errorCode: ERROR.MISMATCHED_ENDPOINT_TYPE,
      brokers: [],
    });
    expect(await describeCluster(1, ENDPOINT.unknown)).toMatchObject({
      errorCode: ERROR.UNSUPPORTED_ENDPOINT_TYPE,
      brokers: [],
    });
  });
});

describe('the controller quorum', () => {
  const describeQuorum = async (topicName: string) => {
    const { topics } = await client.request<{
      topics: ReadonlyArray<{
        partitions: ReadonlyArray<{
          readonly errorCode: number;
          readonly leaderId: number;
          readonly currentVoters: ReadonlyArray<{ readonly replicaId: number }>;
        }>;
      }>;
    }>(DESCRIBE_QUORUM, 2, { topics: [{ topicName, partitions: [{ partitionIndex: 0 }] }] });
    return topics[0]!.partitions[0]!;
  };

  it('has one voter, which leads it, and is that of the metadata only', async () => {
    const { errorCode, leaderId, currentVoters } = await describeQuorum('__cluster_metadata');
    expect([errorCode, leaderId]).toEqual([0, 1]);
    expect(currentVoters.map(({ replicaId }) => replicaId)).toEqual([1]);
    expect(await describeQuorum(unique('topic'))).toMatchObject({
      errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    });
  });
});

describe('log directories', () => {
  interface LogDirectory {
    readonly totalBytes: number;
    readonly usableBytes: number;
    readonly topics: ReadonlyArray<{
      readonly name: string;
      readonly partitions: ReadonlyArray<{
        readonly partitionIndex: number;
        readonly partitionSize: number;
      }>;
    }>;
  }
  const describeLogDirs = async (topic: string, ...lists: readonly (readonly number[])[]) => {
    const { results } = await client.request<{ results: readonly LogDirectory[] }>(
      DESCRIBE_LOG_DIRS,
      4,
      { topics: lists.map((partitions) => ({ topic, partitions })) },
    );
    return results[0]!;
  };

  it('tell the bytes of each partition asked for, and how much room there is', async () => {
    const topic = await createTopic(client, { partitions: 2 });
    const batch = batchOf(['some bytes']);
    await produce(client, topic, batch);
    const { totalBytes, usableBytes, topics } = await describeLogDirs(topic, [0]);
    expect(topics).toEqual([
      {
        name: topic,
        partitions: [expect.objectContaining({ partitionIndex: 0, partitionSize: batch.length })],
      },
    ]);
    expect(usableBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThan(usableBytes);
  });

  it('tell of all partitions of a topic that is named twice', async () => {
    const topic = await createTopic(client, { partitions: 3 });
    const { topics } = await describeLogDirs(topic, [0], [2]);
    const told = topics.flatMap((one) => one.partitions.map((each) => each.partitionIndex));
    expect(told.sort()).toEqual([0, 2]);
  });
});
