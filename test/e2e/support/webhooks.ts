/** Webhook subscriptions of a story, each with a scripted receiver, and what can be asked of them. */
import type {
  DeadLetterSummary,
  DeliveryGap,
  DeliveryProgress,
  ExceptionCounts,
  OperationState,
} from '../../../src/kafka/contracts/delivery-shapes.js';
import type { MillraceClient, Published } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { keyOf, LabelledReceiver } from '../../support/labelled-receiver.js';
import { Receiver } from '../../support/receiver.js';

/** What GET …/stats answers. */
export interface WebhookStats {
  readonly partitions: readonly DeliveryProgress[];
  readonly exceptions: ExceptionCounts;
  readonly maxExceptions: number;
}

/** A subscription as far as the stories look at it. */
export interface SubscriptionStatus {
  readonly uid: string;
  readonly status: string;
  readonly reason: string | null;
  readonly since: string;
}

/** One webhook subscription and its receiver. */
export class WebhookSubscription extends LabelledReceiver {
  constructor(
    private readonly millrace: MillraceClient,
    readonly id: string,
    receiver: Receiver,
  ) {
    super(receiver);
  }

  get path(): string {
    return `/v1/subscriptions/${this.id}`;
  }

  show(): Promise<SubscriptionStatus> {
    return this.millrace.must<SubscriptionStatus>('GET', this.path);
  }

  /** pause, resume or enable. */
  async turn(verb: 'pause' | 'resume' | 'enable'): Promise<SubscriptionStatus> {
    return this.millrace.must<SubscriptionStatus>('POST', `${this.path}/${verb}`);
  }

  stats(): Promise<WebhookStats> {
    return this.millrace.must<WebhookStats>('GET', `${this.path}/stats`);
  }

  /** Waits until the subscription's numbers are as they should be. */
  async shows(satisfied: (stats: WebhookStats) => boolean): Promise<WebhookStats> {
    return eventually(() => this.stats(), satisfied);
  }

  async gaps(): Promise<readonly DeliveryGap[]> {
    return (await this.millrace.must<{ data: DeliveryGap[] }>('GET', `${this.path}/gaps`)).data;
  }

  async deadLetters(): Promise<readonly DeadLetterSummary[]> {
    const path = `${this.path}/dead-letters`;
    return (await this.millrace.must<{ data: DeadLetterSummary[] }>('GET', path)).data;
  }

  /** Waits until there are so many dead letters. */
  async buries(count: number): Promise<readonly DeadLetterSummary[]> {
    return eventually(
      () => this.deadLetters(),
      ({ length }) => length === count,
    );
  }

  /** Starts a redrive or resend and waits until it is done. */
  async operate(
    what: 'dead-letters/redrive' | 'resend',
    json: unknown = {},
  ): Promise<OperationState> {
    const path = `${this.path}/${what}`;
    const { id } = await this.millrace.must<OperationState>('POST', path, { json });
    return eventually(
      () => this.millrace.must<OperationState>('GET', `/v1/operations/${id}`),
      ({ status }) => status === 'done',
    );
  }

  async delete(): Promise<void> {
    await this.millrace.must('DELETE', this.path);
  }

  /** Deletes the subscription, if that has not happened, and closes the receiver. */
  override async close(): Promise<void> {
    await this.millrace.call('DELETE', this.path);
    await super.close();
  }
}

/** Makes the webhook subscriptions of a story and ends them after each test. */
export function webhooksOf(millrace: () => MillraceClient) {
  const open: WebhookSubscription[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((subscription) => subscription.close()));
  });

  /** By default attempts are repeated each second, without jitter. */
  return async (
    topic: string,
    webhook: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<WebhookSubscription> => {
    const receiver = await Receiver.listen();
    const retry = { scheduleSeconds: Array.from({ length: 30 }, () => 1), jitter: 0 };
    const settings = { url: `${receiver.url}/hook`, retry, ...webhook };
    const id = await millrace().createWebhook(topic, settings, more);
    const subscription = new WebhookSubscription(millrace(), id, receiver);
    open.push(subscription);
    return subscription;
  };
}

/** Publishes events in one batch, in order; their data is their label, and their key is its. */
export async function publishLabels(
  millrace: MillraceClient,
  topic: string,
  ...events: readonly string[]
): Promise<readonly Published[]> {
  const batch = events.map((label) => ({
    specversion: '1.0',
    id: label,
    source: '/stories',
    type: 'told',
    partitionkey: keyOf(label),
    data: label,
  }));
  const path = `/v1/topics/${topic}/events`;
  const { events: published } = await millrace.must<{ events: Published[] }>('POST', path, {
    body: JSON.stringify(batch),
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });
  return published;
}
