import type { Scope } from '../kafka/contracts/access.contracts.js';
import {
  ScopeMissing,
  SubscriptionForbidden,
  TenantForbidden,
  TopicForbidden,
} from './auth.errors.js';
import {
  hasScope,
  requireScope,
  requireSubscription,
  requireTopic,
  seesTenant,
  tenantFor,
} from './permissions.js';
import { ADMIN, type Principal } from './principal.js';

const principal = (rights: Partial<Principal> = {}, ...scopes: Scope[]): Principal => ({
  ...ADMIN,
  ...rights,
  scopes: new Set(scopes),
});

describe('permissions', () => {
  it('of admin include all others; of no other scope do', () => {
    for (const scope of ['publish', 'consume', 'manage', 'admin'] as const) {
      expect(hasScope(ADMIN, scope)).toBe(true);
      expect(hasScope(principal({}, 'admin'), scope)).toBe(true);
      expect(hasScope(principal({}, 'manage'), scope)).toBe(scope === 'manage');
    }
    expect(() => requireScope(principal({}, 'publish'), 'consume')).toThrow(ScopeMissing);
  });

  it('end at the topics and subscriptions that a key is limited to', () => {
    const limited = principal({ topics: ['a'], subscriptions: ['s'] });
    expect(() => requireTopic(limited, 'a')).not.toThrow();
    expect(() => requireTopic(limited, 'b')).toThrow(TopicForbidden);
    expect(() => requireSubscription(limited, 's')).not.toThrow();
    expect(() => requireSubscription(limited, 't')).toThrow(SubscriptionForbidden);
    expect(() => requireTopic(principal({ topics: [] }), 'a')).toThrow(TopicForbidden);
    expect(() => requireTopic(ADMIN, 'anything')).not.toThrow();
  });

  it("show a tenant its own things, and the operator everybody's", () => {
    const tenant = principal({ tenant: 'acme' });
    expect(seesTenant(tenant, 'acme')).toBe(true);
    expect(seesTenant(tenant, 'other')).toBe(false);
    expect(seesTenant(tenant, null)).toBe(false);
    expect(seesTenant(ADMIN, 'acme')).toBe(true);
    expect(seesTenant(ADMIN, null)).toBe(true);
  });

  it("stamp a tenant's name on what its key makes", () => {
    const tenant = principal({ tenant: 'acme' });
    expect(tenantFor(tenant, undefined)).toBe('acme');
    expect(tenantFor(tenant, null)).toBe('acme');
    expect(tenantFor(tenant, 'acme')).toBe('acme');
    expect(() => tenantFor(tenant, 'other')).toThrow(TenantForbidden);
    expect(tenantFor(ADMIN, 'other')).toBe('other');
    expect(tenantFor(ADMIN, undefined)).toBeNull();
  });
});
