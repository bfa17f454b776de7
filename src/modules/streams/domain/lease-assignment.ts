/** Who holds which partition: partition number to reader id. */
export type Holdings = ReadonlyMap<number, string>;

/**
 * Shares a subscription's partitions among its readers: every partition gets a reader when there
 * is one, nobody has more than one partition above another, and a partition changes hands only
 * where fairness needs it. A pure function of what all processes see in the database, so that they
 * agree without talking to each other.
 *
 * @param partitions the topic's partition numbers
 * @param readers ids of the live readers, in any order
 * @param held who holds which partition now; holders that are not in `readers` have vanished
 */
export function assignLeases(
  partitions: readonly number[],
  readers: readonly string[],
  held: Holdings,
): Holdings {
  if (readers.length === 0) return new Map();
  const shares = presentShares(partitions, readers, held);
  const quotas = fairQuotas(shares, partitions.length);
  const target = new Map<number, string>();
  for (const { reader, kept } of quotas)
    for (const partition of kept) target.set(partition, reader);
  const free = [...partitions].sort(ascending).filter((partition) => !target.has(partition));
  for (const { reader, kept, quota } of quotas)
    for (const partition of free.splice(0, quota - kept.length)) target.set(partition, reader);
  return target;
}

const ascending = (one: number, other: number): number => one - other;

interface Share {
  readonly reader: string;
  readonly held: readonly number[];
}

interface Quota {
  readonly reader: string;
  readonly kept: readonly number[];
  readonly quota: number;
}

function presentShares(
  partitions: readonly number[],
  readers: readonly string[],
  held: Holdings,
): readonly Share[] {
  const existing = new Set(partitions);
  const shares = new Map([...readers].sort().map((reader) => [reader, [] as number[]]));
  for (const [partition, reader] of held)
    if (existing.has(partition)) shares.get(reader)?.push(partition);
  return [...shares].map(([reader, list]) => ({ reader, held: list.sort(ascending) }));
}

/** The larger quotas go to those who hold most: that moves the fewest partitions. */
function fairQuotas(shares: readonly Share[], total: number): readonly Quota[] {
  const base = Math.floor(total / shares.length);
  const larger = total % shares.length;
  return [...shares]
    .sort(
      (one, other) => other.held.length - one.held.length || (one.reader < other.reader ? -1 : 1),
    )
    .map(({ reader, held }, index) => {
      const quota = base + (index < larger ? 1 : 0);
      return { reader, kept: held.slice(0, quota), quota };
    });
}
