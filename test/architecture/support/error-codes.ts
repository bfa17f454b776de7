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
