import { MillraceError, type ErrorKind } from './errors/millrace-error.js';

/** What an entity tag is made of: which incarnation, and how often it was changed. */
export interface Versioned {
  readonly uid: string;
  readonly version: number;
}

/** `If-Match` named another state than the one that is there. */
export class PreconditionFailed extends MillraceError {
  readonly code = 'REQUEST.PRECONDITION_FAILED';
  readonly kind: ErrorKind = 'precondition-failed';
  constructor(current: string | null) {
    super('If-Match does not name the current state; read it again and repeat the change.', {
      currentETag: current,
    });
  }
}

/** The strong entity tag (RFC 9110, section 8.8.3) of an entity's state. */
export const etagOf = ({ uid, version }: Versioned): string => `"${uid}-${version}"`;

const tagsOf = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim());

/**
 * Holds a write back unless its `If-Match` (RFC 9110, section 13.1.1) names the current state.
 * Without the header every write passes; `*` asks only that the entity exists.
 * @param current undefined when there is no such entity
 * @throws PreconditionFailed
 */
export function requireIfMatch(header: string | undefined, current: Versioned | undefined): void {
  if (header === undefined) return;
  const tag = current ? etagOf(current) : null;
  const wanted = tagsOf(header);
  const holds = tag !== null && (wanted.includes('*') || wanted.includes(tag));
  if (!holds) throw new PreconditionFailed(tag);
}
