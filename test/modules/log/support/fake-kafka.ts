import { LogUnavailable } from '../../../../src/kafka/log/log.errors.js';
import { batchLayout } from '../../../../src/kafka/log/protocol/batch-layout.js';
import { decodeRecords, splitBatches } from '../../../../src/kafka/log/protocol/decode-batches.js';
import { kafkaErrors } from '../../../../src/kafka/log/protocol/error-codes.js';
import type { ProducePart, ProduceResult } from '../../../../src/kafka/log/protocol/produce.js';
import type {
  ProduceTransport,
  PublishTopic,
  PublishTopics,
} from '../../../../src/kafka/log/publish/ports.js';

/** What happens to one send. `late`: it fails, and arrives all the same after the next append. */
export type Fate = 'ok' | 'lost-before' | 'lost-after' | 'late' | 'moved';

interface ProducerState {
  epoch: number;
  next: number;
  readonly last: { readonly sequence: number; readonly offset: number }[];
}

class FakePartition {
  readonly values: string[] = [];
  private readonly producers = new Map<bigint, ProducerState>();

  constructor(private readonly maxBatchBytes: number) {}

  /** Appends as a Kafka broker does, duplicate and epoch checks included. */
  append(bytes: Buffer): Omit<ProduceResult, 'topic' | 'partition'> {
    const [batch] = splitBatches(bytes);
    if (batch === undefined) throw new Error('no batch was sent');
    if (bytes.length > this.maxBatchBytes) return refused(kafkaErrors.MESSAGE_TOO_LARGE);
    const epoch = bytes.readInt16BE(batchLayout.producerEpoch);
    const sequence = bytes.readInt32BE(batchLayout.baseSequence);
    const state = this.producers.get(batch.producerId) ?? { epoch, next: sequence, last: [] };
    if (epoch < state.epoch) return refused(kafkaErrors.INVALID_PRODUCER_EPOCH);
    if (epoch > state.epoch) Object.assign(state, { epoch, next: 0, last: [] });
    const known = state.last.find((one) => one.sequence === sequence);
    if (known !== undefined) return { errorCode: 0, baseOffset: known.offset };
    if (sequence !== state.next) return refused(kafkaErrors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    const baseOffset = this.values.length;
    for (const { value } of decodeRecords(batch, '', 0)) this.values.push(String(value));
    state.next = sequence + batch.recordCount;
    state.last.push({ sequence, offset: baseOffset });
    this.producers.set(batch.producerId, state);
    return { errorCode: 0, baseOffset };
  }
}

const refused = (errorCode: number) => ({ errorCode, baseOffset: -1 });

/** A broker in memory that checks producers as Kafka does, and fails as it is told to. */
export class FakeKafka implements ProduceTransport, PublishTopics {
  readonly partitions: readonly FakePartition[];
  readonly sends: (readonly ProducePart[])[] = [];
  mostInFlight = 0;
  /** Fates of the next sends; 'ok' when there is none left. */
  fates: Fate[] = [];
  topic: PublishTopic | undefined;
  private readonly late: ProducePart[] = [];
  /** How often the topic is looked for in vain. */
  showsTopicAfter = 0;
  private inFlight = 0;
  private held: Promise<void> = Promise.resolve();
  private ids = 0n;

  constructor(partitions: number, maxBatchBytes = 10_000) {
    this.partitions = Array.from({ length: partitions }, () => new FakePartition(maxBatchBytes));
    this.topic = { id: 'one', leaders: this.partitions.map(() => 1), maxBatchBytes };
  }

  /** Holds answers back until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  cached(): PublishTopic | undefined {
    return this.topic;
  }

  async load(): Promise<PublishTopic | undefined> {
    this.showsTopicAfter -= 1;
    return this.showsTopicAfter < 0 ? this.topic : undefined;
  }

  async newProducerId(): Promise<bigint> {
    this.ids += 1n;
    return this.ids;
  }

  async send(_leader: number, parts: readonly ProducePart[]): Promise<readonly ProduceResult[]> {
    this.sends.push(parts);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await this.held;
      return this.decide(parts, this.fates.shift() ?? 'ok');
    } finally {
      this.inFlight -= 1;
    }
  }

  private decide(parts: readonly ProducePart[], fate: Fate): readonly ProduceResult[] {
    if (fate === 'moved') return parts.map((part) => this.result(part, refused(6)));
    if (fate === 'late') this.late.push(...parts);
    if (fate === 'late' || fate === 'lost-before') throw new LogUnavailable('lost');
    const results = parts.map((part) => this.result(part, this.append(part)));
    for (const part of this.late.splice(0)) this.append(part);
    if (fate === 'lost-after') throw new LogUnavailable('lost');
    return results;
  }

  private append({ partition, batch }: ProducePart) {
    return this.partitions[partition]?.append(batch) ?? refused(kafkaErrors.UNKNOWN_SERVER_ERROR);
  }

  private result(
    { topic, partition }: ProducePart,
    answer: Omit<ProduceResult, 'topic' | 'partition'>,
  ): ProduceResult {
    return { topic, partition, ...answer };
  }
}
