import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { ROUTE_ACCESS, type RouteAccess } from '../common/http/route-access.js';
import type { Scope } from '../kafka/contracts/access.contracts.js';
import { principalOfCall, rememberPrincipal } from './current-principal.decorator.js';
import { KeyVerifier } from './key-verifier.js';
import { requireScope } from './permissions.js';

/** REST routes that do not say who may call them are the operator's. */
const UNSAID: RouteAccess = { open: false, scope: 'admin' };

interface HttpRequest {
  readonly headers: { readonly authorization?: string };
}

interface KafkaCall {
  readonly authorization?: string;
}

/**
 * Checks the key of REST requests and of public Kafka commands against what `@RequireScope` or
 * `@PublicRoute` says on the handler. REST denies by default. Kafka handlers without a word are
 * events and internal requests, whose signature the transport has checked.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: KeyVerifier,
  ) {}

  /** @throws KeyMissing, KeyInvalid, TooManyUnknownKeys, ScopeMissing */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (context.getType() === 'http') {
      const request = context.switchToHttp().getRequest<HttpRequest>();
      return this.admit(access ?? UNSAID, request, request.headers.authorization);
    }
    const call = context.switchToRpc().getContext<KafkaCall>();
    return access === undefined || this.admit(access, call, call.authorization);
  }

  private async admit(
    access: RouteAccess,
    call: object,
    authorization: string | undefined,
  ): Promise<boolean> {
    if (access.open) return true;
    const principal = principalOfCall(call) ?? (await this.verifier.verify(authorization));
    rememberPrincipal(call, principal);
    if (access.scope !== null) requireScope(principal, access.scope as Scope);
    return true;
  }
}
