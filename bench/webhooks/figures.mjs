/** Figures out of what publishers and receivers noted. Times are of the machine's monotonic clock. */
import { percentile } from '../support/statistics.mjs';

/** Numbers of the events that were stored. */
const storedNumbers = ({ storedAt }) =>
  Array.from(storedAt.keys()).filter((number) => storedAt[number] > 0);

/** How many events the publishers had acknowledged. */
export const countStored = (published) => storedNumbers(published).length;

/** Stored events that an endpoint never took, over all reports. */
export function countLost(published, reports) {
  const stored = storedNumbers(published);
  let lost = 0;
  for (const { counts } of reports) {
    for (const number of stored) if (counts[number] === 0) lost += 1;
  }
  return lost;
}

/**
 * Deliveries that came again after they were taken, over all reports, without those of events that
 * the publisher itself sent more than once.
 */
export function countRepeats({ tries }, reports) {
  let repeats = 0;
  for (const { counts } of reports) {
    counts.forEach((count, number) => {
      if (count > 1 && tries[number] === 1) repeats += count - 1;
    });
  }
  return repeats;
}

/** Milliseconds from before the publish call to the arrival, of arrivals between `from` and `to`. */
export function latencies({ sentAt }, reports, { from = 0, to = Infinity } = {}) {
  const found = [];
  for (const { takenAt } of reports) {
    takenAt.forEach((at, number) => {
      if (at > from && at <= to) found.push(at - sentAt[number]);
    });
  }
  return found;
}

/** How many of these times lie between `from` and `to`, a second. */
export function rateWithin(times, { from, to }) {
  let count = 0;
  for (const at of times) if (at > from && at <= to) count += 1;
  return (count * 1000) / (to - from);
}

/** First arrivals a second at all endpoints together. */
export const deliveryRate = (reports, window) =>
  reports.reduce((sum, { takenAt }) => sum + rateWithin(takenAt, window), 0);

/** Events that were taken after a later one of their key. */
export function countDisordered({ order }, keys) {
  const latest = new Map();
  let count = 0;
  for (const number of order) {
    const key = number % keys;
    if (number < (latest.get(key) ?? -1)) count += 1;
    else latest.set(key, number);
  }
  return count;
}

export const p50 = (numbers) => percentile(numbers, 0.5);
export const p99 = (numbers) => percentile(numbers, 0.99);
