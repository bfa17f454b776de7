import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

import type { Principal } from './principal.js';

const PRINCIPAL = Symbol('Principal');

interface Call {
  [PRINCIPAL]?: Principal;
}

/** Remembers who makes a call (a Fastify request, or a Kafka message's context). */
export function rememberPrincipal(call: object, principal: Principal): void {
  (call as Call)[PRINCIPAL] = principal;
}

/** Who makes a call; undefined before the guard has checked it. */
export const principalOfCall = (call: object): Principal | undefined => (call as Call)[PRINCIPAL];

const callOf = (context: ExecutionContext): object =>
  context.getType() === 'http'
    ? context.switchToHttp().getRequest<object>()
    : context.switchToRpc().getContext<object>();

/** A handler's parameter that holds who asks, over REST or Kafka. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal => {
    const principal = principalOfCall(callOf(context));
    if (!principal)
      throw new Error('A handler asks who calls, but its route is open to everybody.');
    return principal;
  },
);
