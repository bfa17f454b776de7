import { MillraceError, type ErrorKind } from '../errors/millrace-error.js';

/** A sealed text was changed, belongs to another context, or was sealed under another key. */
export class SealBroken extends MillraceError {
  readonly code = 'SEALING.SEAL_BROKEN';
  readonly kind: ErrorKind = 'internal';
  constructor(why: string, options?: ErrorOptions) {
    super(`A sealed text cannot be opened: ${why}.`, {}, options);
  }
}
