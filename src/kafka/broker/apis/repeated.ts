/** The names that occur more than once: Kafka refuses each of them in one request. */
export function repeated(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}
