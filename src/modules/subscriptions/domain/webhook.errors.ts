import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** A subscription of kind webhook was defined without `webhook`. */
export class WebhookMissing extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_MISSING';
  readonly kind: ErrorKind = 'invalid';
  constructor() {
    super('A subscription of kind webhook needs `webhook`, with a `url` at least.');
  }
}

/** A subscription of another kind was defined with `webhook`. */
export class WebhookUnexpected extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_UNEXPECTED';
  readonly kind: ErrorKind = 'invalid';
  constructor(kind: string) {
    super(`A subscription of kind ${kind} has no \`webhook\`.`, { kind });
  }
}

/** The endpoint's URL is none, or none that a webhook may have. */
export class WebhookUrlInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_URL_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(rule: string) {
    super(`A webhook's url ${rule}.`);
  }
}

/** The endpoint's host is, or resolves to, an address that webhooks may not reach. */
export class WebhookAddressForbidden extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN';
  readonly kind: ErrorKind = 'invalid';
  constructor(host: string) {
    super(`Webhooks may not reach ${host}: its address is not a public one.`, { host });
  }
}

/** The signing secret is not of Standard Webhooks' form. */
export class WebhookSecretInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_SECRET_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(rule: string) {
    super(`A signing secret ${rule}.`);
  }
}

/** A change of the definition named another secret than the one that signs. */
export class WebhookSecretImmutable extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_SECRET_IMMUTABLE';
  readonly kind: ErrorKind = 'conflict';
  constructor() {
    super('A definition does not change the secret; rotate it with POST …/secret/rotate.');
  }
}

/** So many former secrets still sign that another one has no room. */
export class TooManySecrets extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.TOO_MANY_SECRETS';
  readonly kind: ErrorKind = 'conflict';
  constructor(limit: number, freeAt: string) {
    super(`${limit} secrets sign already; one of them ends at ${freeAt}.`, { limit, freeAt });
  }
}

/** An extra request header cannot be one, or is not the user's to set. */
export class WebhookHeadersInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_HEADERS_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(message: string, header?: string) {
    super(message, header === undefined ? {} : { header });
  }
}

/** The pauses between attempts are too many, too long, or no numbers of seconds. */
export class WebhookScheduleInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.WEBHOOK_SCHEDULE_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor(rule: string) {
    super(`A retry schedule ${rule}.`);
  }
}
