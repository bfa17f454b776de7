/** How short names are completed: `search` and `ndots` of resolv.conf(5). */
export interface SearchList {
  readonly suffixes: readonly string[];
  /** A name with so many dots is asked for as it stands first. */
  readonly dots: number;
}

const MAX_DOTS = 15;

/** Reads what resolv.conf(5) says about completing names; the last `search` or `domain` counts. */
export function parseSearchList(text: string): SearchList {
  let suffixes: readonly string[] = [];
  let dots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') suffixes = words;
    if (keyword !== 'options') continue;
    for (const word of words) {
      const asked = /^ndots:(\d+)$/.exec(word)?.[1];
      if (asked !== undefined) dots = Math.min(Number(asked), MAX_DOTS);
    }
  }
  // `search .` completes nothing.
  return { suffixes: suffixes.filter((suffix) => suffix !== '.'), dots };
}

/** The full names that a name may stand for, in the order in which they are asked for. */
export function candidatesOf(name: string, { suffixes, dots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name];
  const completed = suffixes.map((suffix) => `${name}.${suffix}`);
  return name.split('.').length > dots ? [name, ...completed] : [...completed, name];
}
