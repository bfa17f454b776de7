import { problemOf } from '../../../src/common/http/problem.js';
import { MillraceError, type ErrorKind } from '../../../src/common/errors/millrace-error.js';
import type { Source } from './sources.js';

/** A whole string literal that looks like an error code: `AREA.WHAT_HAPPENED`. */
const CODE = /(['"])([A-Z][A-Z0-9]*\.[A-Z][A-Z0-9_]+)\1/g;

const HEADING = /^### `([^`]+)`/gm;

/** Every error code that the source writes, wherever: in an error class, a reply, a stream. */
export function codesIn(sources: readonly Source[]): ReadonlySet<string> {
  return new Set(
    sources.flatMap(({ text }) => [...text.matchAll(CODE)].map((match) => match[2] ?? '')),
  );
}

/** The codes that have a section of their own in docs/errors.md, in its order. */
export function documentedCodes(markdown: string): readonly string[] {
  return [...markdown.matchAll(HEADING)].map((match) => match[1] ?? '');
}

const CODE_AND_KIND =
  /code(?:: string)? = '([A-Z0-9._]+)';\n\s+(?:override )?readonly kind: ErrorKind = '([a-z-]+)'/g;

/** Answered with a status that its kind alone does not have. */
const SPECIAL: Readonly<Record<string, number>> = { 'REQUEST.HEADERS_TOO_LARGE': 431 };

class OfKind extends MillraceError {
  readonly code = 'TEST.KIND';
  constructor(readonly kind: ErrorKind) {
    super('');
  }
}

/** The HTTP status of every error class that states its code and kind together. */
export function statusesIn(sources: readonly Source[]): ReadonlyMap<string, number> {
  return new Map(
    sources.flatMap(({ text }) =>
      [...text.matchAll(CODE_AND_KIND)].map(
        ([, code = '', kind]) =>
          [code, SPECIAL[code] ?? problemOf(new OfKind(kind as ErrorKind)).status] as const,
      ),
    ),
  );
}

/** The status that docs/errors.md gives for a code. */
export function documentedStatus(markdown: string, code: string): number {
  return Number(markdown.split(`### \`${code}\``)[1]?.trimStart().slice(0, 3));
}
