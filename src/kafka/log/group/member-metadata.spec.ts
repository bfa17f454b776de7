import * as fc from 'fast-check';

import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './member-metadata.js';
import { byTopic } from './partition-set.js';

const topicName = fc.stringMatching(/^[a-z0-9._-]{1,20}$/);
const partitions = fc
  .uniqueArray(fc.record({ topic: topicName, partition: fc.nat(1_000) }), {
    selector: ({ topic, partition }) => `${topic}/${partition}`,
    maxLength: 20,
  })
  .map((all) => [...byTopic(all).values()].flat());

describe('the metadata of a group’s members', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(topicName), partitions, (topics, owned) => {
        const subscription = { topics, owned };
        expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription);
        expect(decodeAssignment(encodeAssignment(owned))).toEqual(owned);
      }),
    );
  });

  it('is laid out as Kafka’s consumer protocol says', () => {
    const owned = [{ topic: 'ab', partition: 7 }];
    const topic = ['0002', '6162'].join('');
    const held = ['00000001', topic, '00000001', '00000007'].join('');
    expect(encodeSubscription({ topics: ['ab'], owned }).toString('hex')).toBe(
      ['0001', '00000001', topic, 'ffffffff', held].join(''),
    );
    expect(encodeAssignment(owned).toString('hex')).toBe(['0001', held, 'ffffffff'].join(''));
  });

  it('is read from the version before owned partitions and from later ones', () => {
    const first = Buffer.from('000000000001000161ffffffff', 'hex');
    expect(decodeSubscription(first)).toEqual({ topics: ['a'], owned: [] });
    const later = encodeSubscription({ topics: ['a'], owned: [{ topic: 'a', partition: 1 }] });
    later.writeInt16BE(3);
    const withGenerationAndRack = Buffer.concat([later, Buffer.from('00000005ffff', 'hex')]);
    expect(decodeSubscription(withGenerationAndRack).owned).toEqual([{ topic: 'a', partition: 1 }]);
  });

  it('names nothing where it cannot be read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(Array.isArray(decodeSubscription(Buffer.from(bytes)).topics)).toBe(true);
      }),
    );
    expect(decodeSubscription(null)).toEqual({ topics: [], owned: [] });
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });
});
