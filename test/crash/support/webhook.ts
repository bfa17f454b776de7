import { eventually } from '../../support/eventually.js';
import type { Target } from './load.js';
import { call } from './rest.js';

/** How a subscription is delivered, where it differs from the defaults. */
export interface WebhookSettings {
  readonly ordering?: 'none' | 'key';
  readonly maxInFlight?: number;
  readonly timeoutSeconds?: number;
  /** A second between attempts, six times, when not given. */
  readonly scheduleSeconds?: readonly number[];
}

/** What GET …/stats answers, as far as it is looked at. */
export interface WebhookStats {
  readonly partitions: readonly { readonly lag: number; readonly behind: object | null }[];
  readonly exceptions: {
    readonly retrying: number;
    readonly parked: number;
    readonly deadLetters: number;
  };
}

/** Whether all events so far are delivered, or dead letters. */
export const isDrained = ({ partitions, exceptions }: WebhookStats): boolean =>
  exceptions.retrying + exceptions.parked === 0 && partitions.every(({ lag }) => lag === 0);

interface DeadLetterPage {
  readonly data: readonly { readonly messageId: string }[];
  readonly nextCursor: string | null;
}

const PAUSES = [1, 1, 1, 1, 1, 1];

/** A webhook subscription as REST shows it. */
export class Webhook {
  private constructor(
    private readonly target: Target,
    readonly id: string,
  ) {}

  /** Makes one that begins at the topic's first event. */
  static async create(
    target: Target,
    id: string,
    endpoint: { readonly topic: string; readonly url: string; readonly settings: WebhookSettings },
  ): Promise<Webhook> {
    const { topic, url, settings } = endpoint;
    const { scheduleSeconds = PAUSES, ...more } = settings;
    const webhook = { ...more, url, retry: { scheduleSeconds } };
    const definition = { id, topic, kind: 'webhook', start: 'earliest', webhook };
    const create = () =>
      call(target, 'POST', '/v1/subscriptions', definition).then(
        () => true,
        // On a slow machine a topic may become known a moment after its PUT was answered.
        (error: unknown) => {
          if (String(error).includes('TOPIC_UNKNOWN')) return false;
          throw error;
        },
      );
    await eventually(create, (created) => created);
    return new Webhook(target, id);
  }

  stats(): Promise<WebhookStats> {
    return call<WebhookStats>(this.target, 'GET', `/v1/subscriptions/${this.id}/stats`);
  }

  /** Waits until all events so far are delivered, or dead letters; asks again after any failure. */
  async drained(boundSeconds?: number): Promise<void> {
    await eventually(
      () => this.stats().catch((error: unknown) => String(error)),
      (stats) => typeof stats === 'object' && isDrained(stats),
      boundSeconds,
    );
  }

  /** Message ids of all its dead letters. */
  async deadLetters(): Promise<readonly string[]> {
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: DeadLetterPage = await call<DeadLetterPage>(
        this.target,
        'GET',
        `/v1/subscriptions/${this.id}/dead-letters?limit=500${cursor}`,
      );
      found.push(...page.data.map(({ messageId }) => messageId));
      cursor = page.nextCursor && `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    return found;
  }
}
