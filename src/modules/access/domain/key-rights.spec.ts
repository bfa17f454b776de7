import { KeyRightsInvalid } from './access.errors.js';
import { checkedRights, type KeyRights } from './key-rights.js';

const rights = (more: Partial<KeyRights> = {}): KeyRights => ({
  scopes: ['publish'],
  topics: null,
  subscriptions: null,
  tenant: null,
  ...more,
});

describe('the rights of a key', () => {
  it('are kept without duplicates', () => {
    const given = rights({ scopes: ['publish', 'publish'], topics: ['a', 'a'], subscriptions: [] });
    expect(checkedRights(given)).toEqual(
      rights({ scopes: ['publish'], topics: ['a'], subscriptions: [] }),
    );
  });

  it('may include admin only without limits', () => {
    expect(checkedRights(rights({ scopes: ['admin'] })).scopes).toEqual(['admin']);
    for (const limit of [{ topics: ['a'] }, { subscriptions: [] }, { tenant: 'acme' }]) {
      expect(() => checkedRights(rights({ scopes: ['admin', 'publish'], ...limit }))).toThrow(
        KeyRightsInvalid,
      );
    }
  });

  it.each([
    { scopes: [] },
    { topics: [''] },
    { topics: ['a/b'] },
    { topics: ['x'.repeat(250)] },
    { subscriptions: ['Upper'] },
    { tenant: '' },
    { tenant: 'a\nb' },
  ])('may not be %j', (wrong) => {
    expect(() => checkedRights(rights(wrong))).toThrow(KeyRightsInvalid);
  });

  it('may name any topic that Kafka can have', () => {
    expect(checkedRights(rights({ topics: ['Orders.v1_x-Y'] })).topics).toEqual(['Orders.v1_x-Y']);
  });
});
