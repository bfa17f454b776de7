import type { Cursor } from '../domain/cursor.js';
import type { EndReason, EventItem, Pulled, PullOptions, ReaderItem } from './reader-items.js';
import type { Reader } from './reader.js';

/** What one poll brought. */
export interface PolledItems {
  readonly events: readonly EventItem[];
  /** Bodies of the gaps met. */
  readonly gaps: readonly Readonly<Record<string, unknown>>[];
  readonly cursor: string;
  readonly ended: EndReason | undefined;
}

/**
 * A long-poll client's reader: keeps its partitions between two polls for a bounded time. A poll
 * that arrives while another one waits takes its place, as its client has given that one up. Between
 * polls a new reader that would get nothing takes its partitions over.
 */
export class PollSession {
  private timer: NodeJS.Timeout | undefined;
  private interrupt = new AbortController();
  private polling: Promise<unknown> = Promise.resolve();

  constructor(
    readonly reader: Reader,
    private readonly idleMs: number,
    private readonly onIdle: (session: PollSession) => void,
  ) {}

  /** @param from where the client stands; undefined: this is the reader's first poll */
  async poll(from: Cursor | undefined, options: PullOptions): Promise<PolledItems> {
    clearTimeout(this.timer);
    this.reader.idleSince = undefined;
    this.interrupt.abort();
    const { signal } = (this.interrupt = new AbortController());
    const former = this.polling;
    const mine = former.then(() => {
      if (from !== undefined) this.reader.rewindTo(from);
      const either = options.signal ? AbortSignal.any([signal, options.signal]) : signal;
      return this.pullEvents({ ...options, signal: either });
    });
    this.polling = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      if (!signal.aborted) this.idle();
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.interrupt.abort();
  }

  private idle(): void {
    this.reader.idleSince = performance.now();
    this.timer = setTimeout(() => this.onIdle(this), this.idleMs);
    this.timer.unref();
  }

  /** Passes over what a poll need not hear of. */
  private async pullEvents(options: PullOptions): Promise<PolledItems> {
    const deadline = performance.now() + options.waitMs;
    for (;;) {
      const waitMs = Math.max(0, deadline - performance.now());
      const pulled = await this.reader.pull({ ...options, waitMs });
      const polled = polledOf(pulled);
      const over = pulled.items.length === 0 || polled.ended !== undefined;
      if (over || polled.events.length > 0 || polled.gaps.length > 0) return polled;
    }
  }
}

const isEvent = (item: ReaderItem): item is EventItem => item.kind === 'event';

const polledOf = ({ items, cursor, ended }: Pulled): PolledItems => ({
  events: items.filter(isEvent),
  gaps: items.flatMap((item) =>
    item.kind === 'control' && item.name === 'gap' ? [item.body] : [],
  ),
  cursor,
  ended,
});
