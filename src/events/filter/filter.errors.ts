import { MillraceError, type ErrorKind } from '../../common/errors/millrace-error.js';

/** A filter expression that cannot be used; `details.path` says which part. */
export class FilterInvalid extends MillraceError {
  readonly code: string = 'FILTER.INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** A dialect that is not one of exact, prefix, suffix, all, any, not, data. */
export class FilterDialectUnknown extends FilterInvalid {
  override readonly code = 'FILTER.UNKNOWN_DIALECT';
}

/** The expression is nested too deep or has too many conditions. */
export class FilterTooLarge extends FilterInvalid {
  override readonly code = 'FILTER.TOO_LARGE';
}
