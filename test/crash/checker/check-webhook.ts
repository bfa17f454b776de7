import type { Acknowledged } from './check-delivery.js';

/** When something happened at a receiver. */
export interface Moment {
  /** Its number among all that happened at this receiver: arrivals and ends of requests. */
  readonly place: number;
  /** Monotonic milliseconds. */
  readonly ms: number;
}

/** A request as its receiver saw it. */
export interface Attempt {
  readonly messageId: string;
  readonly key: string;
  readonly sequence: number;
  readonly came: Moment;
  /** When it was answered, or its connection closed; undefined: it is still open. */
  readonly ended: Moment | undefined;
  /** Undefined: it was not answered. */
  readonly status: number | undefined;
}

/** Something that may make deliveries happen again, in monotonic milliseconds. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
}

/** What became of one subscription's events, by its receiver and by REST. */
export interface Testimony {
  /** Whether it asked for the order of each key. */
  readonly ordered: boolean;
  readonly attempts: readonly Attempt[];
  /** Message ids of its dead letters. */
  readonly deadLetters: readonly string[];
  /** In the order of time. */
  readonly disturbances: readonly Disturbance[];
}

/** What the checker found; `faults` is empty when the promises held. */
export interface WebhookVerdict {
  readonly faults: readonly string[];
  readonly attempts: number;
  readonly deadLetters: number;
  /**
   * Deliveries that succeeded though an earlier one had, of events that were sent to Millrace once.
   */
  readonly repeats: number;
  /** How long before a disturbance the oldest of them had been delivered. */
  readonly oldestRepeatMs: number;
}

/**
 * What was delivered so long before a disturbance may come again: a second in which what is under
 * way holds the floor, the checkpoints after it, and a slow machine's share.
 */
const REPEATED_BEFORE_MS = 3_000;
/** A request of a process that was killed may be read from the socket so much later. */
const IN_THE_SOCKET_MS = 500;

/** What happened to one event. */
interface Fate {
  readonly event: Acknowledged;
  readonly attempts: readonly Attempt[];
  readonly successes: readonly Attempt[];
  readonly dead: boolean;
}

const nameOf = ({ key, sequence }: { key: string; sequence: number }): string =>
  `${key}#${sequence}`;

const groupBy = <T>(items: readonly T[], nameOfItem: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(nameOfItem(item));
    if (group === undefined) groups.set(nameOfItem(item), [item]);
    else group.push(item);
  }
  return groups;
};

const succeeded = ({ status = 0 }: Attempt): boolean => status >= 200 && status < 300;

const coming = (one: Attempt, other: Attempt): number => one.came.place - other.came.place;

function fatesOf(acknowledged: readonly Acknowledged[], testimony: Testimony): readonly Fate[] {
  const attempts = groupBy(testimony.attempts.toSorted(coming), nameOf);
  const dead = new Set(testimony.deadLetters);
  return acknowledged.map((event) => {
    const own = attempts.get(nameOf(event)) ?? [];
    return {
      event,
      attempts: own,
      successes: own.filter(succeeded),
      dead: dead.has(event.messageId),
    };
  });
}

/** Neither delivered nor a dead letter. */
const lost = (fates: readonly Fate[]): readonly string[] =>
  fates
    .filter(({ successes, dead }) => successes.length === 0 && !dead)
    .map(({ event, attempts }) => {
      const place = `${event.partition}/${event.offset}`;
      return `lost: ${nameOf(event)}, acknowledged at ${place}, tried ${attempts.length} times`;
    });

/** An event that came under another message id than publish had answered. */
const strangers = (fates: readonly Fate[]): readonly string[] =>
  fates.flatMap(({ event, attempts }) =>
    attempts
      .filter(({ messageId }) => messageId !== event.messageId)
      .map(({ messageId }) => `id: ${nameOf(event)} is ${event.messageId}, came as ${messageId}`),
  );

/** Where an event was over: first success, or the last attempt before it became a dead letter. */
const settledAt = ({ attempts, successes }: Fate): number => {
  const [first] = successes;
  if (first !== undefined) return first.ended?.place ?? Infinity;
  return attempts.at(-1)?.came.place ?? -Infinity;
};

/** Sent although an earlier event of its key was neither delivered nor given up yet. */
const disorder = (fates: readonly Fate[]): readonly string[] =>
  [...groupBy(fates, ({ event }) => event.key).values()].flatMap((ofKey) => {
    let before = { name: '', settled: -Infinity };
    return ofKey
      .toSorted((one, other) => one.event.sequence - other.event.sequence)
      .flatMap((fate) => {
        const earlier = before;
        const [name, settled] = [nameOf(fate.event), settledAt(fate)];
        if (settled > before.settled) before = { name, settled };
        const came = fate.attempts[0]?.came.place ?? Infinity;
        return came < earlier.settled ? [`order: ${name} was sent before ${earlier.name}`] : [];
      });
  });

/** Two requests of one key at the same time, other than one before a disturbance and one after. */
function crowding({ attempts, disturbances }: Testimony): readonly string[] {
  const isExcused = (open: Attempt, next: Attempt): boolean =>
    disturbances.some(
      ({ from, to }) => open.came.ms <= to + IN_THE_SOCKET_MS && next.came.ms >= from,
    );
  return [...groupBy(attempts, ({ key }) => key).values()].flatMap((ofKey) => {
    let open: Attempt | undefined;
    return ofKey.toSorted(coming).flatMap((next) => {
      const former = open;
      if (former === undefined || endOf(next) > endOf(former)) open = next;
      if (former === undefined || endOf(former) < next.came.place) return [];
      return isExcused(former, next)
        ? []
        : [`crowd: ${nameOf(next)} came during ${nameOf(former)}`];
    });
  });
}

const endOf = ({ ended }: Attempt): number => ended?.place ?? Infinity;

/** A delivery after which the same event was delivered once more. */
interface Repeated {
  readonly event: Acknowledged;
  /** How long before the next disturbance it had been delivered; negative: during one. */
  readonly beforeMs: number;
}

/** All that came again, but for events that may have been stored more than once. */
const repeatsOf = (
  fates: readonly Fate[],
  disturbances: readonly Disturbance[],
): readonly Repeated[] =>
  fates
    .filter(({ event }) => event.sends === 1)
    .flatMap(({ event, successes }) =>
      successes.slice(0, -1).map(({ ended, came }) => {
        const ms = ended?.ms ?? came.ms;
        const next = disturbances.find(({ to }) => ms <= to + IN_THE_SOCKET_MS);
        return { event, beforeMs: (next?.from ?? Infinity) - ms };
      }),
    );

/** What came again although there had been time to write down that it was delivered. */
const unexplained = (repeats: readonly Repeated[]): readonly string[] =>
  repeats
    .filter(({ beforeMs }) => beforeMs > REPEATED_BEFORE_MS)
    .map(({ event, beforeMs }) => `repeat: ${nameOf(event)}, delivered ${beforeMs} ms before`);

/**
 * Holds what publish acknowledged against what a webhook's receiver saw. Every acknowledged event was
 * delivered or is a dead letter, under the message id that publish answered. With order by key, no
 * event was sent before the earlier ones of its key were over, nor beside another one of its key,
 * unless a disturbance lies between the two. Nothing came again that had been delivered longer before
 * a disturbance than Millrace needs to write that down.
 */
export function checkWebhook(
  acknowledged: readonly Acknowledged[],
  testimony: Testimony,
): WebhookVerdict {
  const fates = fatesOf(acknowledged, testimony);
  const { ordered, attempts, deadLetters, disturbances } = testimony;
  const repeats = repeatsOf(fates, disturbances);
  return {
    faults: [
      ...lost(fates),
      ...strangers(fates),
      ...(ordered ? [...disorder(fates), ...crowding(testimony)] : []),
      ...unexplained(repeats),
    ],
    attempts: attempts.length,
    deadLetters: deadLetters.length,
    repeats: repeats.length,
    oldestRepeatMs: Math.max(0, ...repeats.map(({ beforeMs }) => beforeMs)),
  };
}
