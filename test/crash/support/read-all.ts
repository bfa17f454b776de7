import type { Arrived } from '../checker/check-delivery.js';
import type { Target } from './load.js';

interface Line {
  readonly messageId: string;
  readonly partition: number;
  readonly offset: number;
  readonly event: { readonly data: { readonly key: string; readonly sequence: number } };
}

interface Poll {
  readonly events: readonly Line[];
  readonly cursor: string;
}

const toArrived = ({ messageId, partition, offset, event }: Line): Arrived => ({
  messageId,
  partition,
  offset,
  ...event.data,
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Reads a stream subscription from its first event until nothing more comes; asks again while
 * Millrace says that it cannot now.
 */
export async function readAll(target: Target, stream: string): Promise<readonly Arrived[]> {
  const arrived: Arrived[] = [];
  let position = 'from=earliest';
  for (;;) {
    const answer = await fetch(
      `${target.url}/v1/streams/${stream}/events?${position}&limit=1000&waitSeconds=2`,
      { headers: { authorization: `Bearer ${target.adminKey}`, accept: 'application/json' } },
    );
    if (answer.status === 503) {
      await pause(50);
      continue;
    }
    if (!answer.ok) throw new Error(`reading answered ${answer.status}: ${await answer.text()}`);
    const { events, cursor } = (await answer.json()) as Poll;
    if (events.length === 0) return arrived;
    arrived.push(...events.map(toArrived));
    position = `cursor=${encodeURIComponent(cursor)}`;
  }
}

/** Reads live through crashes, going on behind the last event it got each time. */
export class LiveReader {
  private readonly arrived: Arrived[] = [];
  private readonly hangUp = new AbortController();
  private readonly reading: Promise<void>;
  private lastEventId: string | undefined;

  constructor(
    private readonly target: Target,
    private readonly stream: string,
  ) {
    this.reading = this.readOn();
  }

  /** How many different events came so far. */
  get count(): number {
    return new Set(this.arrived.map(({ messageId }) => messageId)).size;
  }

  /** Ends the connection and tells what came, in order of arrival. */
  async stop(): Promise<readonly Arrived[]> {
    this.hangUp.abort();
    await this.reading;
    return this.arrived;
  }

  private async readOn(): Promise<void> {
    while (!this.hangUp.signal.aborted) {
      // A lost connection is what this reader is here for; it connects again.
      await this.readConnection().catch(() => undefined);
      await pause(20);
    }
  }

  private async readConnection(): Promise<void> {
    const answer = await fetch(`${this.target.url}/v1/streams/${this.stream}/events`, {
      signal: this.hangUp.signal,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${this.target.adminKey}`,
        ...(this.lastEventId === undefined ? {} : { 'last-event-id': this.lastEventId }),
      },
    });
    if (!answer.ok) return;
    const decoder = new TextDecoder();
    let buffered = '';
    for await (const chunk of answer.body!) {
      buffered += decoder.decode(chunk, { stream: true });
      const blocks = buffered.split('\n\n');
      buffered = blocks.pop()!;
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
    const [id, data, event] = [field('id'), field('data'), field('event')];
    if (id === undefined || data === undefined || event !== undefined) return;
    this.lastEventId = id;
    this.arrived.push(toArrived(JSON.parse(data) as Line));
  }
}
