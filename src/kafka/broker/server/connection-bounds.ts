import type { HeldBytes } from './held-bytes.js';

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
