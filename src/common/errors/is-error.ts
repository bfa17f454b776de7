import { isNativeError } from 'node:util/types';

/**
 * Whether something is an error. `instanceof` alone misses errors that Node's own code made in
 * another realm (a vm context); `isNativeError` alone misses classes built without `class`.
 */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || isNativeError(value);
