import type { Environment } from './variables.js';

/** Letters to insert, delete or replace to get from one name to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const deleted = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, deleted, inserted));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, away: editDistance(name, candidate) }));
  const best = distances.toSorted((a, b) => a.away - b.away)[0];
  return best !== undefined && best.away <= name.length / 3 ? best.candidate : undefined;
}

/**
 * One warning for each `MILLRACE_…` variable that nothing reads, with the nearest known name: a
 * misspelt setting would otherwise be without effect and without trace. `MILLRACE_TEST_…` is for
 * test harnesses.
 */
export function warnOfUnknownVariables(env: Environment, known: readonly string[]): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('MILLRACE_') && !name.startsWith('MILLRACE_TEST_'))
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      return `${name} is not a setting and has no effect.${hint}`;
    });
}
