import { applyDecorators, UseGuards } from '@nestjs/common';

import { RequireScope as DeclareScope } from '../common/http/route-access.js';
import type { Scope } from '../kafka/contracts/access.contracts.js';
import { AuthGuard } from './auth.guard.js';

export { PublicRoute } from '../common/http/route-access.js';

/**
 * Opens a REST route or a public Kafka command to keys with a scope. The guard comes with it, as
 * Nest's global guards do not cover microservices.
 */
export const RequireScope = (scope: Scope): MethodDecorator & ClassDecorator =>
  applyDecorators(DeclareScope(scope), UseGuards(AuthGuard));
