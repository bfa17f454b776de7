import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Metadata key under which a handler says who may call it. */
export const ROUTE_ACCESS = 'millrace:route-access';

/**
 * Who may call a handler: everybody, or a key with this scope (null: any valid key). Handlers
 * that say nothing are refused to all but the operator.
 */
export type RouteAccess =
  { readonly open: true } | { readonly open: false; readonly scope: string | null };

/** Opens a route to everybody: for probes that load balancers ask without a key. */
export const PublicRoute = (): CustomDecorator =>
  SetMetadata(ROUTE_ACCESS, { open: true } satisfies RouteAccess);

/** Opens a handler to keys with a scope, or, without one, to any valid key. */
export const RequireScope = (scope: string | null = null): CustomDecorator =>
  SetMetadata(ROUTE_ACCESS, { open: false, scope } satisfies RouteAccess);
