import { eventually } from '../../support/eventually.js';
import {
  bootstrap,
  done,
  librdkafka,
  TIMEOUT_MS,
  type NativeProducer,
  type PlaceWithOffset,
  type RdConfig,
  type RdError,
} from './librdkafka.js';
import type { RdConsumer } from './rd-consumer.js';

/** A record to produce; `headers` in order, one name each. */
export interface RdRecord {
  readonly value: string | null;
  readonly key?: string | null;
  readonly partition?: number | null;
  readonly timestamp?: number | null;
  readonly headers?: readonly object[];
}

/** A producer of librdkafka's. */
export class RdProducer {
  /** Of every record that was acknowledged or given up, in that order. */
  readonly reports: { readonly error: RdError | null | undefined; readonly offset: number }[] = [];

  private produced = 0;

  private constructor(readonly native: NativeProducer) {
    native.on('delivery-report', (error, report) => {
      this.reports.push({ error, offset: report.offset });
    });
  }

  static async open(config: RdConfig = {}): Promise<RdProducer> {
    const { Producer } = librdkafka();
    const native = new Producer({ ...bootstrap(), dr_cb: true, 'linger.ms': 5, ...config });
    const producer = new RdProducer(native);
    await done((cb) => native.connect({ timeout: TIMEOUT_MS }, cb));
    native.setPollInterval(10);
    return producer;
  }

  /** Hands a record over; `flush` waits until it is reported. */
  produce(topic: string, record: RdRecord): void {
    const { value, key = null, partition = null, timestamp = null, headers = [] } = record;
    const bytes = value === null ? null : Buffer.from(value);
    this.native.produce(topic, partition, bytes, key, timestamp, null, headers);
    this.produced++;
  }

  async flush(): Promise<void> {
    await done((cb) => this.native.flush(TIMEOUT_MS, cb));
    await eventually(
      () => this.reports.length,
      (count) => count === this.produced,
    );
  }

  async send(topic: string, ...values: readonly string[]): Promise<void> {
    for (const value of values) this.produce(topic, { value });
    await this.flush();
  }

  init(): Promise<void> {
    return done((cb) => this.native.initTransactions(TIMEOUT_MS, cb));
  }

  begin(): Promise<void> {
    return done((cb) => this.native.beginTransaction(cb));
  }

  commit(): Promise<void> {
    return done((cb) => this.native.commitTransaction(TIMEOUT_MS, cb));
  }

  abort(): Promise<void> {
    return done((cb) => this.native.abortTransaction(TIMEOUT_MS, cb));
  }

  sendOffsets(offsets: readonly PlaceWithOffset[], consumer: RdConsumer): Promise<void> {
    return done((cb) =>
      this.native.sendOffsetsToTransaction(offsets, consumer.native, TIMEOUT_MS, cb),
    );
  }

  async close(): Promise<void> {
    await done((cb) => this.native.disconnect(cb));
  }
}
