/** The `code` of a Node or driver error (`ENOENT`, `57P01`); undefined where there is none. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
