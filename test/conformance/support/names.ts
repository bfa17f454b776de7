import { randomUUID } from 'node:crypto';

/** A topic or group name that nobody else uses. */
export function unique(prefix: string): string {
  return `conformance-${prefix}-${randomUUID()}`;
}
