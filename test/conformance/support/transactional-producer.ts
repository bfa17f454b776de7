import { batchOf, produceBody, PRODUCE, type ProduceAnswer } from './batches.js';
import type { RawClient } from './raw-client.js';
import { unique } from './names.js';

export const INIT_PRODUCER_ID = 22;
export const ADD_PARTITIONS_TO_TXN = 24;
export const ADD_OFFSETS_TO_TXN = 25;
export const END_TXN = 26;
export const TXN_OFFSET_COMMIT = 28;
const FIND_COORDINATOR = 10;
const TRANSACTION = 1;
const CONCURRENT_TRANSACTIONS = 51;
/** Errors while a coordinator wakes up, or is not the one yet: ask again. */
const NOT_YET = [14, 15, 16];

interface Initialised {
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 50);
  });

/** One producer that speaks the requests of transactions one by one. */
export class TransactionalProducer {
  producerId = -1;
  producerEpoch = -1;
  /** The next sequence number of each partition. */
  private readonly sequences = new Map<string, number>();

  constructor(
    readonly client: RawClient,
    readonly transactionalId = unique('transactional'),
    private readonly timeoutMs = 60_000,
  ) {}

  /** Initialises, again and again while the former transaction ends. */
  async initialise(): Promise<this> {
    await this.client.request(FIND_COORDINATOR, 3, {
      key: this.transactionalId,
      keyType: TRANSACTION,
    });
    let answer = await this.askToInitialise();
    while ([CONCURRENT_TRANSACTIONS, ...NOT_YET].includes(answer.errorCode)) {
      await pause();
      answer = await this.askToInitialise();
    }
    if (answer.errorCode !== 0) throw new Error(`InitProducerId answered ${answer.errorCode}`);
    this.producerId = answer.producerId;
    this.producerEpoch = answer.producerEpoch;
    this.sequences.clear();
    return this;
  }

  askToInitialise(more: Record<string, unknown> = {}, version = 4): Promise<Initialised> {
    return this.client.request<Initialised>(INIT_PRODUCER_ID, version, {
      transactionalId: this.transactionalId,
      transactionTimeoutMs: this.timeoutMs,
      producerId: -1,
      producerEpoch: -1,
      ...more,
    });
  }

  /** Error codes in the order of the partitions. */
  async addPartitions(
    topic: string,
    partitions: readonly number[] = [0],
    version = 3,
  ): Promise<readonly number[]> {
    const ask = async () => {
      const { results } = await this.client.request<{
        results: ReadonlyArray<{
          resultsByPartition: ReadonlyArray<{ partitionIndex: number; partitionErrorCode: number }>;
        }>;
      }>(ADD_PARTITIONS_TO_TXN, version, {
        ...this.self,
        topics: [{ name: topic, partitions }],
      });
      // Apache Kafka answers in an order of its own.
      const answers = results[0]!.resultsByPartition;
      return partitions.map(
        (partition) => answers.find((one) => one.partitionIndex === partition)!.partitionErrorCode,
      );
    };
    let codes = await ask();
    while (codes.includes(CONCURRENT_TRANSACTIONS)) {
      await pause();
      codes = await ask();
    }
    return codes;
  }

  /** Writes to partition 0. */
  send(topic: string, ...values: readonly string[]): Promise<number> {
    return this.sendTo(topic, 0, ...values);
  }

  async sendTo(topic: string, partition: number, ...values: readonly string[]): Promise<number> {
    const place = `${topic}/${partition}`;
    const baseSequence = this.sequences.get(place) ?? 0;
    const { producerId, producerEpoch } = this;
    const records = batchOf(values, {
      producerId,
      producerEpoch,
      baseSequence,
      transactional: true,
    });
    const body = {
      ...produceBody(topic, records),
      transactionalId: this.transactionalId,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    };
    const { responses } = await this.client.request<{
      responses: ReadonlyArray<{ partitionResponses: readonly ProduceAnswer[] }>;
    }>(PRODUCE, 7, body);
    const { errorCode } = responses[0]!.partitionResponses[0]!;
    if (errorCode === 0) this.sequences.set(place, baseSequence + values.length);
    return errorCode;
  }

  async addOffsets(groupId: string, version = 3): Promise<number> {
    const answer = await this.client.request<{ errorCode: number }>(ADD_OFFSETS_TO_TXN, version, {
      ...this.self,
      groupId,
    });
    return answer.errorCode;
  }

  async commitOffset(
    groupId: string,
    topic: string,
    committedOffset: number,
    more: Record<string, unknown> = {},
  ): Promise<number> {
    const { topics } = await this.client.request<{
      topics: ReadonlyArray<{ partitions: ReadonlyArray<{ errorCode: number }> }>;
    }>(TXN_OFFSET_COMMIT, 3, {
      ...this.self,
      groupId,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          name: topic,
          partitions: [
            {
              partitionIndex: 0,
              committedOffset,
              committedLeaderEpoch: -1,
              committedMetadata: 'm',
            },
          ],
        },
      ],
      ...more,
    });
    return topics[0]!.partitions[0]!.errorCode;
  }

  async end(committed: boolean, version = 3): Promise<number> {
    const ask = async () =>
      (
        await this.client.request<{ errorCode: number }>(END_TXN, version, {
          ...this.self,
          committed,
        })
      ).errorCode;
    let code = await ask();
    while (code === CONCURRENT_TRANSACTIONS) {
      await pause();
      code = await ask();
    }
    return code;
  }

  private get self() {
    const { transactionalId, producerId, producerEpoch } = this;
    return { transactionalId, producerId, producerEpoch };
  }
}
