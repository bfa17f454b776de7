import type { CloudEvent } from '../../../events/cloud-event.js';
import type { EventPlace } from '../domain/event-envelope.js';

/** Why a reader gets nothing more. */
export type EndReason =
  'deleted' | 'broken' | 'revoked' | 'superseded' | 'shutdown' | 'slow' | 'closed';

/** An event for the reader's client, with the cursor behind it. */
export interface EventItem {
  readonly kind: 'event';
  readonly event: CloudEvent;
  readonly place: EventPlace;
  readonly cursor: string;
}

/**
 * A message about the stream itself: `assigned` (the partitions that the reader has from now on),
 * `gap`, `paused`, `resumed`.
 */
export interface ControlItem {
  readonly kind: 'control';
  readonly name: 'assigned' | 'gap' | 'paused' | 'resumed';
  readonly body: Readonly<Record<string, unknown>>;
  readonly cursor: string;
}

/** What a reader hands out, in order. */
export type ReaderItem = EventItem | ControlItem;

/** What one pull brought. */
export interface Pulled {
  readonly items: readonly ReaderItem[];
  /** Behind the last item and all that was passed over since. */
  readonly cursor: string;
  /** Set: nothing follows. */
  readonly ended?: EndReason;
}

/** How much a pull may bring, and how long it may take. */
export interface PullOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly waitMs: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}
