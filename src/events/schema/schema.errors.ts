import { MillraceError, type ErrorKind } from '../../common/errors/millrace-error.js';

/** A JSON Schema that cannot be used: wrong by its draft, of another draft, or not local. */
export class SchemaInvalid extends MillraceError {
  readonly code = 'CATALOG.INVALID_SCHEMA';
  readonly kind: ErrorKind = 'invalid';
}
