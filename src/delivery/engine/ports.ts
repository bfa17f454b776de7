/** What the engine needs of the way out that uses it. */
import type { AttemptFault } from '../../kafka/contracts/delivery-shapes.js';
import type { SubscriptionState } from '../../kafka/contracts/subscriptions.contracts.js';
import type { CloudEvent } from '../../events/cloud-event.js';
import type { RetrySchedule } from '../core/retry-schedule.js';

/** How deliveries of one subscription are made. */
export interface DeliveryPolicy {
  /** Whether events of one key go one after the other. */
  readonly ordered: boolean;
  readonly maxInFlight: number;
  readonly schedule: RetrySchedule;
  /** Longest that one attempt can take. */
  readonly attemptTimeoutMs: number;
}

/** An event on its way to a receiver. */
export interface DeliverableEvent {
  readonly event: CloudEvent;
  readonly messageId: string;
  /** When Kafka got it, Unix milliseconds. */
  readonly timestamp: number;
}

/**
 * What came of one attempt. `gone`: the receiver wants nothing more, ever. `refused`: no attempt
 * makes sense, the event becomes a dead letter.
 */
export type AttemptOutcome =
  | { readonly outcome: 'delivered' }
  | {
      readonly outcome: 'failed';
      readonly error: AttemptFault;
      readonly retryAfterMs?: number | undefined;
      /** The receiver asks for fewer requests. */
      readonly slowDown: boolean;
    }
  | { readonly outcome: 'gone'; readonly error: AttemptFault }
  | { readonly outcome: 'refused'; readonly error: AttemptFault };

/** Where one version of a subscription is delivered to; prepared once, used for each event. */
export interface DeliveryTarget {
  readonly policy: DeliveryPolicy;
  /** Never rejects, but with the signal's reason. */
  deliver(event: DeliverableEvent, signal: AbortSignal): Promise<AttemptOutcome>;
}

/** Makes targets of subscriptions. */
export interface DeliveryTargets {
  prepare(subscription: SubscriptionState): DeliveryTarget;
}

/** The subscriptions of the way out's kind, as this process knows them. */
export interface SubscriptionSource {
  values(): Iterable<SubscriptionState>;
  onChange(listener: (uid: string, state: SubscriptionState | undefined) => void): () => void;
}

/** What the engine tells. */
export interface DeliveryListener {
  /** An attempt ended. */
  attempted(subscription: SubscriptionState, outcome: AttemptOutcome['outcome']): void;
  deadLettered(subscription: SubscriptionState): void;
  /** The receiver is gone: the subscription is to be disabled. Rejects to be asked again. */
  gone(subscription: SubscriptionState): Promise<void>;
}

/** Where the engine says what an operator should see. */
export interface DeliveryLog {
  log(message: string): void;
  warn(message: string): void;
}
