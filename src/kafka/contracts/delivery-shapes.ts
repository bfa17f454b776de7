/** Shapes that the messages of several ways out share. No contracts of their own. */

/** Why events were gone before a subscription read them. */
export type GapReason = 'expired' | 'truncated' | 'deleted';

/** A stretch of offsets that was gone before it was read. */
export interface DeliveryGap {
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly reason: GapReason;
  readonly at: string;
}

/** What went wrong with an attempt. */
export interface AttemptFault {
  /** `WEBHOOKS.TIMEOUT_HEADERS`. */
  readonly code: string;
  readonly message: string;
  /** The receiver's status, when it answered. */
  readonly status?: number;
  /** The begin of its answer, as text. */
  readonly answer?: string;
}

/** An event whose attempts are used up, without its payload. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly messageId: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly attempts: number;
  readonly deadAt: string;
  readonly error: AttemptFault;
}

/** Why a subscription does not follow a partition live: it reads on from `fromOffset` on its own. */
export type BehindReason = 'start' | 'full' | 'halted' | 'breaker' | 'filter';

/** How far a subscription has come in one partition. */
export interface DeliveryProgress {
  readonly partition: number;
  /** Everything before it is delivered, or kept as an exception. */
  readonly floorOffset: number;
  readonly endOffset: number;
  /** Events of the topic (matching or not) from the floor to the end. */
  readonly lag: number;
  /** Set: it reads apart from the others, until it has caught up. */
  readonly behind: { readonly fromOffset: number; readonly reason: BehindReason } | null;
}

/** Deliveries of a subscription that are kept as rows. */
export interface ExceptionCounts {
  /** Wait for their next attempt. */
  readonly retrying: number;
  /** Wait behind an event of the same key. */
  readonly parked: number;
  readonly deadLetters: number;
}

/** Work that goes on after its request was answered. */
export interface OperationState {
  readonly id: string;
  readonly subscriptionUid: string;
  readonly type: 'redrive' | 'resend';
  readonly status: 'running' | 'done';
  /** Events that it is about, those delivered, and those that became dead letters again. */
  readonly total: number;
  readonly delivered: number;
  readonly failed: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}
