/** Items without those that a later item of the same key replaces; an upsert takes each row once. */
export const lastOfEach = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];
