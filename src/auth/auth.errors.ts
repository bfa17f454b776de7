import { MillraceError, type ErrorKind } from '../common/errors/millrace-error.js';

/** Base of everything that a key does not open. */
export abstract class AuthError extends MillraceError {}

/** The request carries no `Authorization: Bearer …`. */
export class KeyMissing extends AuthError {
  readonly code = 'AUTH.KEY_MISSING';
  readonly kind: ErrorKind = 'unauthenticated';
  constructor() {
    super('Send an API key: Authorization: Bearer mr_…');
  }
}

/** The key is malformed, unknown or revoked; which of these is not told. */
export class KeyInvalid extends AuthError {
  readonly code = 'AUTH.KEY_INVALID';
  readonly kind: ErrorKind = 'unauthenticated';
  constructor() {
    super('The API key is not valid.');
  }
}

/** So many unknown keys are being looked up that this one was not. */
export class TooManyUnknownKeys extends AuthError {
  readonly code = 'AUTH.TOO_MANY_UNKNOWN_KEYS';
  readonly kind: ErrorKind = 'overloaded';
  constructor() {
    super('Too many unknown API keys are being checked; try again in a second.');
  }
  override get retryAfterSeconds(): number {
    return 1;
  }
}

/** The key is valid, but has not the scope that the route needs. */
export class ScopeMissing extends AuthError {
  readonly code = 'AUTH.SCOPE_MISSING';
  readonly kind: ErrorKind = 'forbidden';
  constructor(scope: string) {
    super(`This needs a key with the scope "${scope}".`, { scope });
  }
}

/** The key is limited to other topics. */
export class TopicForbidden extends AuthError {
  readonly code = 'AUTH.TOPIC_FORBIDDEN';
  readonly kind: ErrorKind = 'forbidden';
  constructor(topic: string) {
    super(`This key may not use the topic "${topic}".`, { topic });
  }
}

/** The key is limited to other subscriptions. */
export class SubscriptionForbidden extends AuthError {
  readonly code = 'AUTH.SUBSCRIPTION_FORBIDDEN';
  readonly kind: ErrorKind = 'forbidden';
  constructor(subscription: string) {
    super(`This key may not use the subscription "${subscription}".`, { subscription });
  }
}

/** A tenant's key names another tenant. */
export class TenantForbidden extends AuthError {
  readonly code = 'AUTH.TENANT_FORBIDDEN';
  readonly kind: ErrorKind = 'forbidden';
  constructor() {
    super('This key belongs to a tenant and may not name another one.');
  }
}
