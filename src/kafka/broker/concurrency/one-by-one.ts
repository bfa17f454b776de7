/**
 * Does some work with one item after the other, also where it fails with some.
 * @throws AggregateError with what went wrong, at the end
 */
export async function oneByOne<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
}
