import { createRequire } from 'node:module';
import { brokerAddress } from './broker.js';
import { madeReady } from './made-ready.js';

/** A configuration of librdkafka's. */
export type RdConfig = Readonly<Record<string, string | number | boolean>>;

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface PlaceWithOffset extends Place {
  readonly offset: number;
}

export interface RdMessage extends PlaceWithOffset {
  readonly value: Buffer | null;
  readonly key: Buffer | string | null;
  readonly timestamp: number;
  readonly headers?: ReadonlyArray<Readonly<Record<string, Buffer | string>>>;
}

/** What librdkafka refuses things with; its own codes are negative, the protocol's are not. */
export interface RdError extends Error {
  readonly code: number;
}

type Done<T = void> = (error: RdError | null | undefined, result: T) => void;

interface NativeClient {
  connect(options: object, done: Done<unknown>): void;
  disconnect(done: Done<unknown>): void;
  on(event: 'delivery-report', listener: Done<PlaceWithOffset>): void;
  on(event: 'event.error', listener: (error: RdError) => void): void;
  getMetadata(
    options: { readonly topic: string; readonly timeout: number },
    done: Done<RdMetadata>,
  ): void;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    done: Done<{ readonly lowOffset: number; readonly highOffset: number }>,
  ): void;
}

export interface RdMetadata {
  readonly brokers: ReadonlyArray<{ readonly host: string; readonly port: number }>;
  readonly topics: ReadonlyArray<{
    readonly name: string;
    readonly partitions: ReadonlyArray<{ readonly id: number; readonly leader: number }>;
  }>;
}

export interface NativeProducer extends NativeClient {
  setPollInterval(ms: number): void;
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: string | null,
    timestamp: number | null,
    opaque: unknown,
    headers: readonly object[],
  ): void;
  flush(timeoutMs: number, done: Done): void;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  abortTransaction(timeoutMs: number, done: Done): void;
  sendOffsetsToTransaction(
    offsets: readonly PlaceWithOffset[],
    consumer: NativeConsumer,
    timeoutMs: number,
    done: Done,
  ): void;
}

export interface NativeConsumer extends NativeClient {
  subscribe(topics: readonly string[]): void;
  assign(places: readonly (Place | PlaceWithOffset)[]): void;
  unassign(): void;
  incrementalAssign(places: readonly Place[]): void;
  incrementalUnassign(places: readonly Place[]): void;
  rebalanceProtocol(): 'NONE' | 'EAGER' | 'COOPERATIVE';
  assignments(): readonly Place[];
  setDefaultConsumeTimeout(ms: number): void;
  consume(count: number, done: Done<readonly RdMessage[]>): void;
  commitSync(offsets: readonly PlaceWithOffset[]): void;
  committed(
    places: readonly Place[],
    timeoutMs: number,
    done: Done<readonly PlaceWithOffset[]>,
  ): void;
  offsetsForTimes(
    times: readonly PlaceWithOffset[],
    timeoutMs: number,
    done: Done<readonly PlaceWithOffset[]>,
  ): void;
  pause(places: readonly Place[]): void;
  resume(places: readonly Place[]): void;
  seek(place: PlaceWithOffset, timeoutMs: number, done: Done): void;
}

interface NativeAdmin {
  createTopic(topic: object, timeoutMs: number, done: Done): void;
  deleteTopic(topic: string, timeoutMs: number, done: Done): void;
  createPartitions(topic: string, count: number, timeoutMs: number, done: Done): void;
  disconnect(): void;
}

/** The part of the binding that the tests use. */
export interface Librdkafka {
  readonly features: readonly string[];
  readonly Producer: new (config: object) => NativeProducer;
  readonly KafkaConsumer: new (config: object, topicConfig: object) => NativeConsumer;
  readonly AdminClient: { create(config: object): NativeAdmin };
}

/** The binding that test/kafka/librdkafka.mjs built; global-setup.mjs sees to it. */
export function librdkafka(): Librdkafka {
  return createRequire(import.meta.url)(madeReady('MILLRACE_CLIENTS_LIBRDKAFKA')) as Librdkafka;
}

/** Turns a call that ends with a callback into a promise. */
export function done<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/** How long a client may take for one request. */
export const TIMEOUT_MS = 30_000;

/** What every client is told. */
export function bootstrap(): RdConfig {
  return { 'bootstrap.servers': brokerAddress() };
}
