/** A small file of the data directory does not hold what a broker has written there. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';

  constructor(
    readonly file: string,
    options?: ErrorOptions,
  ) {
    const why = options?.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`The file ${file} is damaged${why}`, options);
  }
}

/**
 * Takes what such a file says, as JSON.
 * @param isWhole whether all is there that the broker needs of it
 * @throws DamagedFile
 */
export function parseKept<T extends object>(
  file: string,
  text: string,
  isWhole: (kept: Partial<T>) => boolean,
): T {
  let kept: Partial<T> | null;
  try {
    kept = JSON.parse(text) as Partial<T> | null;
  } catch (error) {
    throw new DamagedFile(file, { cause: error });
  }
  if (typeof kept === 'object' && kept !== null && isWhole(kept)) return kept as T;
  throw new DamagedFile(file);
}
