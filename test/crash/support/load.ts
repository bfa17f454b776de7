import type { Acknowledged } from '../checker/check-delivery.js';
import type { RealMillrace } from './real-millrace.js';

/** Something that has an address while it is up. */
export type Target = Pick<RealMillrace, 'url' | 'adminKey'>;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

interface Stored {
  readonly messageId: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Sends one event until it is acknowledged, always with the same id, as a publisher must after
 * 503, 429 or a lost answer. Any other refusal is a fault of the test.
 */
async function publishUntilStored(target: Target, topic: string, key: string, sequence: number) {
  const query = new URLSearchParams({ key, id: `${key}-${sequence}`, type: 'load' });
  for (;;) {
    try {
      const answer = await fetch(`${target.url}/v1/topics/${topic}/events?${query}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${target.adminKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ key, sequence }),
        signal: AbortSignal.timeout(15_000),
      });
      if (answer.status === 202) return (await answer.json()) as Stored;
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

/** Publishers that go on through crashes, one event of a key after the other. */
export class Load {
  private readonly acknowledged: Acknowledged[] = [];
  private stopping = false;
  private readonly publishers: Promise<void>[];

  constructor(target: Target, topic: string, keys: number) {
    this.publishers = Array.from({ length: keys }, (_, index) =>
      this.publishKey(target, topic, `key-${index}`),
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

  private async publishKey(target: Target, topic: string, key: string): Promise<void> {
    for (let sequence = 0; !this.stopping; sequence += 1) {
      const stored = await publishUntilStored(target, topic, key, sequence);
      const { messageId, partition, offset } = stored;
      this.acknowledged.push({ messageId, key, sequence, partition, offset });
    }
  }
}
