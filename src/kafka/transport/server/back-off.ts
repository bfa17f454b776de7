const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Wait before the next try after `failures` (from 1) in a row: doubles, up to 5 s. */
export const backOffMs = (failures: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
