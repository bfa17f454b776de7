/**
 * Tells whether a key is asked about for the first time. Who names the same thing a hundred thousand
 * times in one request is told of it once: the answer to all of them would take all memory.
 */
export function firstTime(): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => seen.size !== seen.add(key).size;
}
