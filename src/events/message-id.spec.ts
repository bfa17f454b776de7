import * as fc from 'fast-check';
import { messageId } from './message-id.js';

describe('message id', () => {
  it('is the same for the same event, for ever', () => {
    // A change of this value breaks consumers that keep ids to drop repeats.
    expect(messageId('orders', '/shop', '1')).toBe('msg_2phhhqknwpib5cyamu7vv2q6ja');
  });

  it('does not confuse parts that run into each other', () => {
    const part = fc.string({ maxLength: 4, unit: fc.constantFrom('a', '1', ':', '3') });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(part, part, part, (topic, source, id) => {
        const key = JSON.stringify([topic, source, id]);
        const made = messageId(topic, source, id);
        expect(made).toMatch(/^msg_[a-z2-7]{26}$/);
        expect(seen.get(made) ?? key).toBe(key);
        seen.set(made, key);
      }),
    );
  });
});
