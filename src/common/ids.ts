import { randomFillSync } from 'node:crypto';

/** What users may call a thing: unique, immutable, fit for URLs and file names. */
export const ENTITY_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const POOL_BYTES = 16 * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/**
 * A new server-made uid: UUID version 7 (RFC 9562), so that rows made one after the other lie
 * beside each other in an index.
 */
export function newUid(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + 16);
  used += 16;
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
