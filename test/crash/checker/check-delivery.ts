/** An event that publish answered with 202. `sequence` counts up per key, one at a time. */
export interface Acknowledged {
  readonly messageId: string;
  readonly key: string;
  readonly sequence: number;
  readonly partition: number;
  readonly offset: number;
  /** Requests that it took; after more than one it may be stored more than once. */
  readonly sends: number;
}

/** An event as it came over the stream, in the order of arrival. */
export interface Arrived {
  readonly messageId: string;
  readonly key: string;
  readonly sequence: number;
  readonly partition: number;
  readonly offset: number;
}

/** What the checker found; `faults` is empty when the promises held. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly arrived: number;
  /** Arrivals of a message id beyond its first. */
  readonly repeats: number;
}

const place = ({ partition, offset }: { partition: number; offset: number }): string =>
  `${partition}/${offset}`;

function lostEvents(
  acknowledged: readonly Acknowledged[],
  arrived: readonly Arrived[],
): readonly string[] {
  const places = new Map(arrived.map((event) => [place(event), event.messageId]));
  return acknowledged.flatMap((event) => {
    const there = places.get(place(event));
    if (there === event.messageId) return [];
    return [
      `lost: ${event.key}#${event.sequence}, acknowledged at ${place(event)}, found ${there}`,
    ];
  });
}

function disorder(arrived: readonly Arrived[]): readonly string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const faults: string[] = [];
  for (const { messageId, key, sequence } of arrived) {
    if (seen.has(messageId)) continue;
    seen.add(messageId);
    const before = last.get(key) ?? -1;
    if (sequence < before) faults.push(`order: ${key}#${sequence} came after #${before}`);
    last.set(key, Math.max(before, sequence));
  }
  return faults;
}

/**
 * Holds what publish acknowledged against what arrived: every acknowledged event is on the stream
 * at the place that the answer named, and the events of a key arrived in the order in which they
 * were published, judged at their first arrival.
 */
export function checkDelivery(
  acknowledged: readonly Acknowledged[],
  arrived: readonly Arrived[],
): Verdict {
  const distinct = new Set(arrived.map(({ messageId }) => messageId)).size;
  return {
    faults: [...lostEvents(acknowledged, arrived), ...disorder(arrived)],
    acknowledged: acknowledged.length,
    arrived: arrived.length,
    repeats: arrived.length - distinct,
  };
}
