import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

import { RequireScope as RequireAnyKey } from '../common/http/route-access.js';
import { AuthGuard } from './auth.guard.js';
import { KeyMissing, ScopeMissing } from './auth.errors.js';
import { principalOfCall } from './current-principal.decorator.js';
import type { KeyVerifier } from './key-verifier.js';
import { ADMIN, type Principal } from './principal.js';
import { PublicRoute, RequireScope } from './require-scope.decorator.js';

class Handlers {
  unsaid(): void {}
  @PublicRoute() open(): void {}
  @RequireScope('manage') manage(): void {}
  @RequireAnyKey() anyKey(): void {}
}

const publisher: Principal = { ...ADMIN, keyId: 'publisher', scopes: new Set(['publish']) };
const manager: Principal = { ...ADMIN, keyId: 'manager', scopes: new Set(['manage']) };

const verifier = {
  verify: async (header?: string) => {
    if (header === undefined) throw new KeyMissing();
    return { admin: ADMIN, publisher, manager }[header];
  },
} as unknown as KeyVerifier;

describe('the guard', () => {
  const guard = new AuthGuard(new Reflector(), verifier);

  const ask = (type: 'http' | 'rpc', name: keyof Handlers, authorization?: string) => {
    const call = type === 'http' ? { headers: { authorization } } : { authorization };
    const args = type === 'http' ? [call] : [{}, call];
    const context = new ExecutionContextHost(args, Handlers, Handlers.prototype[name]);
    context.setType(type);
    return { call, answer: guard.canActivate(context) };
  };

  it('lets everybody through an open route', async () => {
    expect(await ask('http', 'open').answer).toBe(true);
  });

  it('refuses a REST route that says nothing to all but the operator', async () => {
    expect(await ask('http', 'unsaid', 'admin').answer).toBe(true);
    await expect(ask('http', 'unsaid', 'manager').answer).rejects.toThrow(ScopeMissing);
    await expect(ask('http', 'unsaid').answer).rejects.toThrow(KeyMissing);
  });

  it('lets any key through where no scope is named', async () => {
    expect(await ask('http', 'anyKey', 'publisher').answer).toBe(true);
    await expect(ask('http', 'anyKey').answer).rejects.toThrow(KeyMissing);
  });

  it.each(['http', 'rpc'] as const)('asks for the scope of a handler over %s', async (type) => {
    const { call, answer } = ask(type, 'manage', 'manager');
    expect(await answer).toBe(true);
    expect(principalOfCall(call)).toBe(manager);
    await expect(ask(type, 'manage', 'publisher').answer).rejects.toThrow(ScopeMissing);
    await expect(ask(type, 'manage').answer).rejects.toThrow(KeyMissing);
  });

  it('leaves internal messages to the transport, which has checked their signature', async () => {
    expect(await ask('rpc', 'unsaid').answer).toBe(true);
  });
});
