/** The value below which `share` (0 to 1) of the numbers are; undefined for none. */
export function percentile(numbers, share) {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The middle one; the upper of two. */
export const median = (numbers) => percentile(numbers, 0.5);
