import * as fc from 'fast-check';

import { DeliveryList } from './delivery-list.js';
import { Delivery } from './delivery.js';
import { OffsetTable } from './offset-table.js';

const deliveryAt = (offset: number): Delivery =>
  new Delivery({ topicId: 't', offset, recordKey: null, ordered: false, readAt: 0 });

const steps = fc.array(
  fc.record({ does: fc.constantFrom('add', 'add', 'delete'), offset: fc.nat({ max: 2_000 }) }),
  { maxLength: 2_000, size: 'max' },
);

describe('deliveries that wait', () => {
  it('are found by their offset, as in a Map', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const table = new OffsetTable();
        const model = new Map<number, Delivery>();
        for (const { does, offset } of all) {
          const delivery = does === 'add' ? deliveryAt(offset) : model.get(offset);
          if (does === 'add') model.set(offset, delivery!);
          else model.delete(offset);
          if (does === 'add') table.set(delivery!);
          else table.delete(delivery ?? deliveryAt(offset));
          expect([table.size, table.get(offset)]).toEqual([model.size, model.get(offset)]);
        }
        expect(new Set(table.values())).toEqual(new Set(model.values()));
      }),
      { numRuns: 30 },
    );
  });

  it('are found when there are many more than at first', () => {
    const table = new OffsetTable();
    for (let offset = 0; offset < 5_000; offset += 1) table.set(deliveryAt(offset * 7));
    for (let offset = 0; offset < 5_000; offset += 1) {
      expect(table.get(offset * 7)?.offset).toBe(offset * 7);
    }
    expect(table.get(1)).toBeUndefined();
  });

  it('are listed in the order in which they came, as in a Set', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const list = new DeliveryList();
        const model = new Set<Delivery>();
        const known = new Map<number, Delivery>();
        for (const { does, offset } of all) {
          const delivery = known.get(offset) ?? deliveryAt(offset);
          known.set(offset, delivery);
          list[does as 'add' | 'delete'](delivery);
          model[does as 'add' | 'delete'](delivery);
          expect([list.size, list.has(delivery)]).toEqual([model.size, model.has(delivery)]);
        }
        expect([...list].map(({ offset }) => offset)).toEqual(
          [...model].map(({ offset }) => offset),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('may be taken out while they are gone through', () => {
    const list = new DeliveryList();
    const all = [1, 2, 3].map(deliveryAt);
    for (const delivery of all) list.add(delivery);
    const seen: number[] = [];
    for (const delivery of list) {
      seen.push(delivery.offset);
      list.delete(delivery);
    }
    expect([seen, list.size, [...list]]).toEqual([[1, 2, 3], 0, []]);
  });
});
