import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** Base of what this module refuses. */
export abstract class AccessError extends MillraceError {}

/** Another key has this id. */
export class KeyExists extends AccessError {
  readonly code = 'ACCESS.KEY_EXISTS';
  readonly kind: ErrorKind = 'conflict';
  constructor(id: string) {
    super(`There is already a key "${id}".`, { id });
  }
}

/** No key has this id. */
export class KeyNotFound extends AccessError {
  readonly code = 'ACCESS.KEY_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no key "${id}".`, { id });
  }
}

/** Scopes and limits that contradict each other, or a name that nothing can have. */
export class KeyRightsInvalid extends AccessError {
  readonly code = 'ACCESS.KEY_RIGHTS_INVALID';
  readonly kind: ErrorKind = 'invalid';
}
