import type { AttemptFault } from '../../../kafka/contracts/delivery-shapes.js';

/** What became of one attempt. */
export type AttemptResult =
  /** The receiver answered 2xx. */
  | { readonly outcome: 'delivered'; readonly status: number; readonly durationMs: number }
  /** To be tried again. */
  | {
      readonly outcome: 'failed';
      readonly error: AttemptFault;
      /** The receiver asked for this pause; not capped. */
      readonly retryAfterMs?: number;
      /** 429, 502 or 504: send less for a while. */
      readonly slowDown: boolean;
      readonly durationMs: number;
    }
  /** 410: the receiver wants nothing more, ever. */
  | { readonly outcome: 'gone'; readonly error: AttemptFault; readonly durationMs: number }
  /** Must not or cannot be sent, and a retry would end the same. */
  | { readonly outcome: 'refused'; readonly error: AttemptFault; readonly durationMs: number };
