import type { HeldBytes } from './held-bytes.js';

/** Requests read ahead of the one being answered; more stay in the kernel's buffers. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** After a request that ends so long after the first of this turn, all others have theirs. */
export const MAX_TURN_MS = 20;
/** Largest frame before authentication: Kafka's `sasl.server.max.receive.size`. */
export const MAX_UNAUTHENTICATED_BYTES = 512 * 1024;
/** What a Buffer takes besides its bytes: a peer may send very many frames of no bytes. */
const BUFFER_BYTES = 200;

/** What a frame takes from its arrival until it is answered. */
export const heldBytesOf = (frame: Buffer): number => frame.length + BUFFER_BYTES;

/** What a connection may use up. */
export interface ConnectionLimits {
  readonly maxFrameBytes: number;
  /** Without a byte in either direction for so long, the connection is closed. */
  readonly idleMs: number;
}

/** What connections hold together: those that have yet to show who they are, and all others. */
export interface ConnectionMemory {
  readonly strangers: HeldBytes;
  readonly clients: HeldBytes;
}
