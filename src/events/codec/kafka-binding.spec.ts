import * as fc from 'fast-check';
import { anyEvent, essence } from '../../../test/support/event-arbitraries.js';
import { fromRecord, toRecord, type ReadRecord } from './kafka-binding.js';

const place = { topic: 'orders', partition: 3, offset: 42, timestamp: 1_700_000_000_000 };
const foreign = (record: Partial<ReadRecord>): ReadRecord => ({
  ...place,
  key: null,
  value: null,
  headers: [],
  ...record,
});
const header = (name: string, value: string | Buffer) => ({ name, value: Buffer.from(value) });

describe('Kafka binding', () => {
  it('gives back every event as it was written, its payload byte by byte', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const read = fromRecord({ ...place, ...toRecord(event) });
        expect(essence(read)).toEqual(essence(event));
      }),
    );
  });

  it('hands the payload over without copying it', () => {
    const [event] = fc.sample(
      anyEvent.filter((candidate) => candidate.data !== undefined),
      1,
    );
    expect(toRecord(event!).value).toBe(event!.data!.bytes);
  });

  it('never throws, whatever another producer wrote', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const headerName = fc.oneof(
      fc.constantFrom('ce_id', 'ce_specversion', 'ce_time', 'ce_source', 'content-type', 'ce_'),
      fc.string(),
    );
    const anything = fc.record({
      key: fc.option(bytes),
      value: fc.option(bytes),
      timestamp: fc.constantFrom(-1, 0, 1, Number.MAX_SAFE_INTEGER),
      headers: fc.array(fc.record({ name: headerName, value: bytes })),
    });
    fc.assert(
      fc.property(anything, (record) => {
        const event = fromRecord(foreign(record));
        expect(event.id).not.toBe('');
        expect(event.data?.bytes.equals(record.value!)).not.toBe(false);
      }),
    );
  });

  it('reads a record without headers as an event named after its place', () => {
    const event = fromRecord(foreign({ key: Buffer.from('k'), value: Buffer.from('{"a":1}') }));
    expect(event).toMatchObject({
      specversion: '1.0',
      id: 'orders-3-42',
      source: '/topics/orders',
      type: 'orders',
      time: '2023-11-14T22:13:20.000Z',
      partitionkey: 'k',
    });
    expect(event.data?.value).toEqual({ a: 1 });
  });

  it('shows data that is neither JSON nor UTF-8 as bytes', () => {
    expect(fromRecord(foreign({ value: Buffer.from([0xff, 0x00]) })).data?.kind).toBe('bytes');
  });

  it('leaves out what breaks the rules and keeps the rest', () => {
    const event = fromRecord(
      foreign({
        headers: [
          header('ce_specversion', '1.0'),
          header('ce_id', '7'),
          header('ce_time', 'yesterday'),
          header('ce_BAD', 'x'),
          header('ce_source', Buffer.from([0xff])),
          header('ce_ok', 'yes'),
        ],
      }),
    );
    expect(event).toMatchObject({ id: '7', source: '/topics/orders', extensions: { ok: 'yes' } });
    expect(event.time).toBeUndefined();
  });

  it('reads structured-mode records', () => {
    const value = Buffer.from(
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","data": 1.0}',
    );
    const event = fromRecord(
      foreign({ value, headers: [header('content-type', 'application/cloudevents+json')] }),
    );
    expect(event).toMatchObject({ id: '1', source: '/s', type: 't' });
    expect(event.data?.bytes.toString()).toBe('1.0');
  });

  it('keeps a broken structured-mode record as data', () => {
    const event = fromRecord(
      foreign({
        value: Buffer.from('{"specversion":'),
        headers: [header('content-type', 'application/cloudevents+json; charset=utf-8')],
      }),
    );
    expect(event.id).toBe('orders-3-42');
    expect(event.data?.bytes.toString()).toBe('{"specversion":');
  });

  it('spreads events without a key by source and id, and repeats alike', () => {
    const [a] = fc.sample(anyEvent, 1);
    const event = { ...a!, partitionkey: undefined };
    expect(toRecord(event).key).toBeNull();
    expect(toRecord(event).partitionBy).toEqual(toRecord({ ...event }).partitionBy);
    expect(toRecord(event).partitionBy).not.toEqual(toRecord({ ...event, id: 'x' }).partitionBy);
  });
});
