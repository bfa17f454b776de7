import * as fc from 'fast-check';
import type { OutboxRow } from './outbox-store.js';
import { cutByBytes, toTopicMessages } from './relay-batch.js';

const row = fc.record({
  id: fc.nat().map(String),
  topic: fc.constantFrom('a', 'b'),
  key: fc.string(),
  value: fc.option(fc.string({ maxLength: 50 })),
  headers: fc.constant({}),
});

describe('a batch of the relay', () => {
  it('is a front part of the rows, under the bound unless one row alone is larger', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(200), (rows, bound) => {
        const cut = cutByBytes(rows, bound);
        expect(cut.length).toBeGreaterThan(0);
        expect(rows.slice(0, cut.length)).toEqual(cut);
        const bytes = cut.reduce(
          (sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value ?? ''),
          0,
        );
        expect(cut.length === 1 || bytes <= bound).toBe(true);
      }),
    );
  });

  it('keeps the order of each topic, and tombstones', () => {
    const rows: readonly OutboxRow[] = [
      { id: '1', topic: 'a', key: 'k', value: '1', headers: {} },
      { id: '2', topic: 'b', key: 'k', value: null, headers: { h: 'x' } },
      { id: '3', topic: 'a', key: 'k', value: '2', headers: {} },
    ];
    expect(toTopicMessages(rows)).toEqual([
      {
        topic: 'a',
        messages: [
          { key: 'k', value: '1', headers: {} },
          { key: 'k', value: '2', headers: {} },
        ],
      },
      { topic: 'b', messages: [{ key: 'k', value: null, headers: { h: 'x' } }] },
    ]);
  });
});
