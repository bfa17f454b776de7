/** A webhook receiver for tests that publish labels as data: what came of which event, by label. */
import { eventually } from './eventually.js';
import { Receiver, type Answer, type ReceivedRequest } from './receiver.js';

/** Chooses an answer by the event's label. */
export type LabelScript = (label: string, request: ReceivedRequest) => Answer | Promise<Answer>;

/** The data of an event in a standard payload. */
export const labelOf = ({ body }: ReceivedRequest): string =>
  String((JSON.parse(body.toString('utf8')) as { data: unknown }).data);

/** `a1` is the first event of key `a`. */
export const keyOf = (label: string): string => label.replace(/\d+$/, '');

/** The labels of `count` events of a key, from a number on. */
export const labels = (key: string, count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${key}${from + index}`);

/** Answers 500 to some labels and 200 to the others. */
export const failing =
  (...some: readonly string[]): LabelScript =>
  (label) => ({ status: some.includes(label) ? 500 : 200 });

/** Whether the events of each key came in the order of their numbers, whatever lies between. */
export function inOrderByKey(events: readonly string[]): boolean {
  const last = new Map<string, number>();
  return events.every((label) => {
    const key = keyOf(label);
    const number = Number(label.slice(key.length));
    const before = last.get(key) ?? -Infinity;
    last.set(key, number);
    return number > before;
  });
}

/** A promise, and the function that resolves it. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A scripted receiver, and what came of each event. It answers 200 until told otherwise. */
export class LabelledReceiver {
  /** Labels of the events that were answered with 2xx, in the order of the answers. */
  readonly taken: string[] = [];
  /** Most requests of one key that were ever under way at the same time. */
  mostAtOnceOfAKey = 0;
  private readonly underWay = new Map<string, number>();

  constructor(readonly receiver: Receiver) {
    this.respond(() => ({ status: 200 }));
  }

  static async listen(): Promise<LabelledReceiver> {
    return new LabelledReceiver(await Receiver.listen());
  }

  /** Labels of all requests, in the order of their arrival. */
  get arrived(): readonly string[] {
    return this.receiver.requests.map(labelOf);
  }

  /** How requests are answered from now on. */
  respond(script: LabelScript): void {
    this.receiver.respond(async (request) => {
      const label = labelOf(request);
      const key = keyOf(label);
      this.count(key, 1);
      const answer = await script(label, request);
      this.count(key, -1);
      if (typeof answer !== 'function' && answer.status < 300) this.taken.push(label);
      return answer;
    });
  }

  /** Waits until so many events were answered with 2xx. */
  async takes(count: number): Promise<readonly string[]> {
    return eventually(
      () => this.taken,
      ({ length }) => length >= count,
    );
  }

  /** Requests of one event, oldest first. */
  attemptsOf(label: string): readonly ReceivedRequest[] {
    return this.receiver.requests.filter((request) => labelOf(request) === label);
  }

  /** Waits until an event was tried so often. */
  async tried(label: string, times: number): Promise<readonly ReceivedRequest[]> {
    return eventually(
      () => this.attemptsOf(label),
      ({ length }) => length >= times,
    );
  }

  /** Ends all connections and stops. */
  close(): Promise<void> {
    return this.receiver.close();
  }

  private count(key: string, by: number): void {
    const atOnce = (this.underWay.get(key) ?? 0) + by;
    this.underWay.set(key, atOnce);
    this.mostAtOnceOfAKey = Math.max(this.mostAtOnceOfAKey, atOnce);
  }
}
