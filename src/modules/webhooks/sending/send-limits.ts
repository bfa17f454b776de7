/** A connection that takes longer, resolving the name and TLS included, is given up. */
export const connectTimeoutMs = 5_000;

/** Bytes of an answer's body that are read at most. */
export const answerBodyBytes = 64 * 1_024;

/** Bytes of an answer's headers that are read at most. */
export const answerHeaderBytes = 16 * 1_024;

/** Interim answers (1xx) that are read at most before the real one. */
export const interimAnswers = 16;

/** Bytes of a refusing answer that are kept to be shown. */
export const answerShownBytes = 1_024;

/** How long an idle connection is kept where the receiver does not say. */
export const idleConnectionMs = 4_000;

/** How long an idle connection is kept at most, whatever the receiver says. */
export const longestIdleConnectionMs = 30_000;
