import { ENTITY_ID, newUid } from './ids.js';

describe('uids', () => {
  it('are UUIDs of version 7, each another', () => {
    const uids = Array.from({ length: 1_000 }, newUid);
    expect(new Set(uids).size).toBe(1_000);
    for (const uid of uids) {
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('begin with the time they were made', () => {
    const before = Date.now();
    const made = Number.parseInt(newUid().replaceAll('-', '').slice(0, 12), 16);
    expect(made).toBeGreaterThanOrEqual(before);
    expect(made).toBeLessThanOrEqual(Date.now());
  });
});

describe('ids chosen by users', () => {
  it.each(['a', '0', 'shop.orders_v2-eu', 'x'.repeat(64)])('may be %s', (id) => {
    expect(ENTITY_ID.test(id)).toBe(true);
  });

  it.each(['', 'A', '-a', '.a', 'a b', 'a/b', 'ä', 'a\n', 'x'.repeat(65)])(
    'may not be %j',
    (id) => {
      expect(ENTITY_ID.test(id)).toBe(false);
    },
  );
});
