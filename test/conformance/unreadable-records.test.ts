import { renewChecksum } from '../../src/kafka/broker/records/batches.js';
import { batchOf, produce, readAll } from './support/batches.js';
import { isForeign } from './support/broker-under-test.js';
import { withOneBroker } from './support/one-broker.js';
import type { RawClient } from './support/raw-client.js';
import { createTopic } from './support/topics.js';

const INVALID_RECORD = 87;
const HEADER_BYTES = 61;
const AT = { lastOffsetDelta: 23, attributes: 21, recordCount: 57 } as const;

/** Bytes of the first record of a batch made below, each a varint of one byte. */
const IN_RECORD = {
  length: 0,
  offsetDelta: 3,
  keyLength: 4,
  valueLength: 5,
  headerCount: 9,
} as const;

type Damage = (header: Buffer, records: Buffer) => void;

const inFirstRecord =
  (at: number, byte: number): Damage =>
  (_header, records) =>
    records.writeUInt8(byte, at);

const withCount =
  (count: number): Damage =>
  (header) => {
    header.writeInt32BE(count, AT.recordCount);
    header.writeInt32BE(count - 1, AT.lastOffsetDelta);
  };

const withCodec =
  (codec: number): Damage =>
  (header) =>
    header.writeInt16BE(codec, AT.attributes);

const structural: readonly (readonly [string, Damage])[] = [
  ['a record longer than it says', inFirstRecord(IN_RECORD.length, 14)],
  ['a record shorter than it says', inFirstRecord(IN_RECORD.length, 30)],
  ['a key beyond its record', inFirstRecord(IN_RECORD.keyLength, 100)],
  ['a value beyond its record', inFirstRecord(IN_RECORD.valueLength, 100)],
  ['headers that are not there', inFirstRecord(IN_RECORD.headerCount, 2)],
  ['more records than it says', withCount(2)],
  ['fewer records than it says', withCount(4)],
];

let client: RawClient;
withOneBroker((started) => ({ client } = started));

/** A batch whose checksum is right, though what it holds is not. */
function misshapen(damage: Damage): Buffer {
  const batch = Buffer.from(batchOf(['one', 'two', 'three']));
  damage(batch.subarray(0, HEADER_BYTES), batch.subarray(HEADER_BYTES));
  renewChecksum(batch);
  return batch;
}

async function errorOf(damage: Damage): Promise<number> {
  const topic = await createTopic(client);
  const { errorCode } = await produce(client, topic, misshapen(damage));
  expect(await readAll(client, topic)).toEqual([]);
  expect((await produce(client, topic, batchOf(['sound']))).baseOffset).toBe(0);
  return errorCode;
}

describe('a batch that no consumer could read', () => {
  it.each(structural)('is refused, and nothing of it is stored: %s', async (_name, damage) => {
    expect(await errorOf(damage)).toBe(INVALID_RECORD);
  });

  it.each([
    ['no records at all', (_header: Buffer, records: Buffer) => records.fill(0xff)],
    ['a codec that nobody knows', withCodec(7)],
  ])('is refused, and nothing of it is stored: %s', async (_name, damage) => {
    expect(await errorOf(damage)).not.toBe(0);
  });
});

describe('several batches for a partition', () => {
  it('are refused, and nothing of them is stored', async () => {
    const topic = await createTopic(client);
    const two = Buffer.concat([batchOf(['one']), batchOf(['two'])]);
    expect((await produce(client, topic, two)).errorCode).toBe(INVALID_RECORD);
    expect((await produce(client, topic, batchOf(['sound']))).baseOffset).toBe(0);
  });
});

// Apache Kafka looks for this in compressed batches only.
(isForeign ? describe.skip : describe)('a batch whose offsets have gaps', () => {
  it('is refused', async () => {
    expect(await errorOf(inFirstRecord(IN_RECORD.offsetDelta, 8))).toBe(INVALID_RECORD);
  });
});
