/** Versions of an API in Kafka's own notation: `3+`, `0-4` or `2`. */
export type VersionNotation = `${number}+` | `${number}-${number}` | `${number}`;

/** An inclusive range of API versions. */
export interface VersionRange {
  readonly from: number;
  readonly to: number;
}

export const ALL_VERSIONS: VersionRange = { from: 0, to: Number.POSITIVE_INFINITY };
export const NO_VERSIONS: VersionRange = { from: 1, to: 0 };

/** Parses Kafka's notation, so that grammars read like Kafka's own message definitions. */
export function versionRange(notation: VersionNotation): VersionRange {
  const [from, to] = notation.replace('+', '-Infinity').split('-');
  return { from: Number(from), to: Number(to ?? from) };
}

export function includes(range: VersionRange, version: number): boolean {
  return version >= range.from && version <= range.to;
}
