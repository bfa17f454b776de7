import type {
  DeadLetterSummary,
  DeliveryGap,
  DeliveryProgress,
  ExceptionCounts,
  OperationState,
} from '../../../../kafka/contracts/delivery-shapes.js';
import type { JsonCloudEvent } from '../../../../kafka/contracts/ingest.contracts.js';
import type { StreamPartitionStats } from '../../../../kafka/contracts/streams.contracts.js';
import type { FilterExpression } from '../../../../kafka/contracts/subscriptions.contracts.js';
import type { ChosenEvent, TestDelivery } from '../../../../kafka/contracts/webhooks.contracts.js';

/** How far a stream subscription has come. */
export interface StreamStats {
  readonly readers: number;
  readonly partitions: readonly StreamPartitionStats[];
}

/** How far a webhook subscription has come, and what it keeps as exceptions. */
export interface WebhookStats {
  readonly partitions: readonly DeliveryProgress[];
  readonly exceptions: ExceptionCounts;
  readonly maxExceptions: number;
}

/** How far a subscription has come, in the terms of its kind. */
export type SubscriptionStats = StreamStats | WebhookStats;

/** A dead letter with its event. */
export interface DeadLetter {
  readonly deadLetter: DeadLetterSummary;
  readonly event: JsonCloudEvent;
}

/** A question about one subscription. */
interface About {
  readonly subscriptionUid: string;
}

/** A page of a list; `after` is the cursor of the page before. */
interface PageOf extends About {
  readonly limit: number;
  readonly after: string | null;
}

interface One extends About {
  readonly id: string;
}

interface Redrive extends About {
  readonly operationId: string;
  readonly ids: readonly string[] | null;
  readonly filter: FilterExpression | null;
}

interface Resend extends About {
  readonly operationId: string;
  readonly events: readonly ChosenEvent[];
}

interface Test extends About {
  readonly event: JsonCloudEvent | null;
}

type Asks<Question, Answer> = (question: Question) => Promise<Answer>;

/**
 * What the module of a kind can be asked about its subscriptions. Members that are left out: the
 * kind has no such thing. Each rejects with what the module answered, or with RequestTimedOut or
 * TransportUnavailable.
 */
export interface WayOut {
  readonly stats: Asks<About, SubscriptionStats>;
  readonly gaps: Asks<
    PageOf,
    { readonly gaps: readonly DeliveryGap[]; readonly next: string | null }
  >;
  readonly listDeadLetters?: Asks<
    PageOf,
    { readonly deadLetters: readonly DeadLetterSummary[]; readonly next: string | null }
  >;
  readonly getDeadLetter?: Asks<One, DeadLetter>;
  readonly deleteDeadLetter?: Asks<One, unknown>;
  readonly redrive?: Asks<Redrive, OperationState>;
  readonly resend?: Asks<Resend, OperationState>;
  /** Waits as long as one attempt may take. */
  readonly test?: (question: Test, timeoutMs: number) => Promise<TestDelivery>;
  readonly operation?: Asks<{ readonly operationId: string }, OperationState>;
}
