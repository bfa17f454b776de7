import { encodeBatch, type BatchOptions } from '../../../src/kafka/broker/records/encode-batch.js';
import { batchesIn } from '../../../src/kafka/broker/records/batches.js';
import { recordsOf } from '../../../src/kafka/broker/records/records.js';
import type { RawClient } from './raw-client.js';

export const PRODUCE = 0;
export const FETCH = 1;

export interface ProduceAnswer {
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** A batch with one record per value. */
export function batchOf(values: readonly string[], options: BatchOptions = {}): Buffer {
  const timestamp = Date.now();
  return encodeBatch(
    values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })),
    options,
  );
}

export function produceBody(topic: string, records: Buffer, acks = -1): Record<string, unknown> {
  return {
    transactionalId: null,
    acks,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  };
}

interface ProduceResponse {
  readonly responses: ReadonlyArray<{ readonly partitionResponses: readonly ProduceAnswer[] }>;
}

/** Appends a batch to partition 0. */
export async function produce(
  client: RawClient,
  topic: string,
  records: Buffer,
): Promise<ProduceAnswer> {
  const body = produceBody(topic, records);
  const response = await client.request<ProduceResponse>(PRODUCE, 7, body);
  return response.responses[0]!.partitionResponses[0]!;
}

export interface FetchOptions {
  readonly offset?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly partitions?: readonly number[];
  /** 1: READ_COMMITTED. */
  readonly isolationLevel?: number;
}

export function fetchBody(topic: string, options: FetchOptions = {}): Record<string, unknown> {
  return {
    maxWaitMs: options.maxWaitMs ?? 0,
    minBytes: options.minBytes ?? 1,
    maxBytes: options.maxBytes ?? 52_428_800,
    isolationLevel: options.isolationLevel ?? 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        partitions: (options.partitions ?? [0]).map((partition) => ({
          partition,
          fetchOffset: options.offset ?? 0,
          partitionMaxBytes: options.partitionMaxBytes ?? 1_048_576,
        })),
      },
    ],
    forgottenTopicsData: [],
  };
}

export interface FetchAnswer {
  readonly partitionIndex: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly abortedTransactions: ReadonlyArray<{
    readonly producerId: number;
    readonly firstOffset: number;
  }> | null;
  readonly records: readonly Buffer[] | null;
}

interface FetchResponse {
  readonly responses: ReadonlyArray<{ readonly partitions: readonly FetchAnswer[] }>;
}

/** Reads partitions of one topic; one answer for each that has something to say. */
export async function fetchAll(
  client: RawClient,
  topic: string,
  options: FetchOptions = {},
): Promise<readonly FetchAnswer[]> {
  const response = await client.request<FetchResponse>(FETCH, 11, fetchBody(topic, options));
  return response.responses[0]?.partitions ?? [];
}

/** Reads partition 0. */
export async function fetchOne(
  client: RawClient,
  topic: string,
  options: FetchOptions = {},
): Promise<FetchAnswer & { readonly values: readonly string[] }> {
  const [answer] = await fetchAll(client, topic, options);
  return { ...answer!, values: valuesIn(answer!) };
}

/** All values of partition 0 from an offset on, in order; a fetch ends with its segment. */
export async function readAll(
  client: RawClient,
  topic: string,
  from = 0,
): Promise<readonly string[]> {
  const values: string[] = [];
  for (let offset = from; ;) {
    const answer = await fetchOne(client, topic, { offset });
    if (answer.errorCode !== 0) throw new Error(`error code ${answer.errorCode}`);
    const last = [...batchesIn(Buffer.concat(answer.records ?? []))].at(-1);
    if (!last) return values;
    values.push(...answer.values);
    offset = last.header.lastOffset + 1;
  }
}

function valuesIn({ records }: FetchAnswer): readonly string[] {
  return [...batchesIn(Buffer.concat(records ?? []))].flatMap(({ bytes }) =>
    [...recordsOf(bytes)].map(({ value }) => String(value)),
  );
}
