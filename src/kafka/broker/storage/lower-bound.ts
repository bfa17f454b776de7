/**
 * The first of the places from 0 to below `count` where something holds that holds at all later ones
 * too; `count` where it holds nowhere. By halves.
 */
export function lowerBound(count: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
