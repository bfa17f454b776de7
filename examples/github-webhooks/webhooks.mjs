/**
 * The webhook subscriptions of the demo, each with the same question asked of a payload here, and
 * with how its endpoint answers: a status, or undefined for none at all, for the `nth` event that it
 * sees at the `attempt`th time (both from 1).
 */
export const webhooks = [
  {
    name: 'everything-hook',
    filter: null,
    matches: () => true,
    settings: {},
    answer: () => 204,
  },
  {
    // One event of a repository at a time; every 10th fails once, every 50th twice.
    name: 'issues-hook-fails',
    filter: { prefix: { type: 'issues.' } },
    matches: ({ type }) => type.startsWith('issues.'),
    settings: { ordering: 'key', retry: { scheduleSeconds: [0, 1, 1, 5], jitter: 0 } },
    answer: ({ nth, attempt }) => {
      const failures = nth % 50 === 0 ? 2 : Number(nth % 10 === 0);
      return attempt <= failures ? 500 : 204;
    },
  },
  {
    // Every 20th event gets no answer at first. Its body is the payload alone, its type a header.
    name: 'pulls-hook-hangs',
    filter: { prefix: { type: 'pull_request.' } },
    matches: ({ type }) => type.startsWith('pull_request.'),
    settings: {
      payload: 'cloudevents-binary',
      timeoutSeconds: 1,
      retry: { scheduleSeconds: [1, 1, 5], jitter: 0 },
    },
    answer: ({ nth, attempt }) => (nth % 20 === 0 && attempt === 1 ? undefined : 204),
  },
];
