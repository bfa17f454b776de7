/** Turns an error of a library into the MillraceError that callers shall see; others unchanged. */
export type ErrorTranslator = (error: unknown) => unknown;

const translators = new Set<ErrorTranslator>();

/**
 * Adds a translator, so that common code need not import the library that an error came from (the
 * database library registers its own). Registering the same function twice has no further effect.
 * @returns takes the translator out again
 */
export function registerErrorTranslator(translator: ErrorTranslator): () => void {
  translators.add(translator);
  return () => {
    translators.delete(translator);
  };
}

/** The error as callers shall see it: the first translation that changed something wins. */
export function translateError(error: unknown): unknown {
  for (const translator of translators) {
    const translated = translator(error);
    if (translated !== error) return translated;
  }
  return error;
}
