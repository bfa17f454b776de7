import type { Acknowledged } from '../checker/check-delivery.js';
import type { RealMillrace } from './real-millrace.js';

/** Something that has an address while it is up. */
export type Target = Pick<RealMillrace, 'url' | 'adminKey'>;

/** What is published, and how. */
export interface LoadPlan {
  readonly topic: string;
  /** Each has a publisher of its own. */
  readonly keys: number;
  /** Events in a request; 1 when not given. */
  readonly batch?: number;
  /** Between an answer and the next request of a key; none when not given. */
  readonly pauseMs?: number;
  /** Length that each event's data is padded to; not padded when not given. */
  readonly bytes?: number;
}

interface Stored {
  readonly messageId: string;
  readonly partition: number;
  readonly offset: number;
}

interface Sent {
  readonly key: string;
  readonly sequence: number;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const toEvent = ({ key, sequence }: Sent, bytes: number | undefined) => ({
  specversion: '1.0',
  id: `${key}-${sequence}`,
  source: '/load',
  type: 'load',
  partitionkey: key,
  data: { key, sequence, ...(bytes === undefined ? {} : { padding: '.'.repeat(bytes) }) },
});

async function publishOnce(target: Target, { topic, bytes }: LoadPlan, events: readonly Sent[]) {
  const batch = events.length > 1;
  const bodies = events.map((event) => toEvent(event, bytes));
  return fetch(`${target.url}/v1/topics/${topic}/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${target.adminKey}`,
      'content-type': `application/cloudevents${batch ? '-batch' : ''}+json`,
    },
    body: JSON.stringify(batch ? bodies : bodies[0]),
    signal: AbortSignal.timeout(15_000),
  });
}

async function storedOf(answer: Response): Promise<readonly Stored[]> {
  const body = (await answer.json()) as Stored | { readonly events: readonly Stored[] };
  return 'events' in body ? body.events : [body];
}

/**
 * Sends events of a key until all are acknowledged, always with the same ids, as a publisher must
 * after 503, 429 or a lost answer. Any other refusal is a fault of the test.
 */
async function publishUntilStored(target: Target, plan: LoadPlan, events: readonly Sent[]) {
  for (let sends = 1; ; sends += 1) {
    try {
      const answer = await publishOnce(target, plan, events);
      if (answer.status === 202) return { stored: await storedOf(answer), sends };
      if (answer.status !== 503 && answer.status !== 429)
        throw new RefusedPublish(answer.status, await answer.text());
    } catch (error) {
      if (error instanceof RefusedPublish) throw error;
    }
    await pause(20);
  }
}

class RefusedPublish extends Error {
  constructor(status: number, body: string) {
    super(`publish answered ${status}: ${body}`);
  }
}

/** Publishers that go on through crashes, one request of a key after the other. */
export class Load {
  private readonly acknowledged: Acknowledged[] = [];
  private stopping = false;
  private readonly publishers: Promise<void>[];

  constructor(
    private readonly target: Target,
    private readonly plan: LoadPlan,
  ) {
    const size = plan.batch ?? 1;
    this.publishers = Array.from({ length: plan.keys }, (_, index) =>
      this.publishKey(`key-${size}-${index}`, size),
    );
  }

  /** How many events were acknowledged so far. */
  get count(): number {
    return this.acknowledged.length;
  }

  /** Waits for the publishes in flight and tells what was acknowledged. */
  async stop(): Promise<readonly Acknowledged[]> {
    this.stopping = true;
    await Promise.all(this.publishers);
    return this.acknowledged;
  }

  private async publishKey(key: string, size: number): Promise<void> {
    for (let next = 0; !this.stopping; next += size) {
      const events = Array.from({ length: size }, (_, index) => ({ key, sequence: next + index }));
      const { stored, sends } = await publishUntilStored(this.target, this.plan, events);
      events.forEach(({ sequence }, index) => {
        const { messageId, partition, offset } = stored[index]!;
        this.acknowledged.push({ messageId, key, sequence, partition, offset, sends });
      });
      if (this.plan.pauseMs !== undefined) await pause(this.plan.pauseMs);
    }
  }
}
