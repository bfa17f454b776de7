/** The demo's streams: subscribes, reads them live and from the beginning, and compares. */
import { readStream } from './reader.mjs';
import { subscriptions } from './subscriptions.mjs';

/** What one reader got: compared with what was sent, and timed. */
class Received {
  latencies = [];
  seen = new Set();
  repeated = 0;
  changed = 0;

  constructor(sent) {
    this.sent = sent;
  }

  take(event) {
    const arrivedAt = performance.now();
    const original = this.sent.get(event.id);
    // From the earliest there may also be what earlier runs have sent.
    if (!original) return;
    if (this.seen.has(event.id)) this.repeated += 1;
    else {
      this.seen.add(event.id);
      this.latencies.push(arrivedAt - original.sentAt);
      const same = JSON.stringify(event.data) === original.payload.body;
      if (!same || event.type !== original.payload.type) this.changed += 1;
    }
  }
}

export async function subscribeStreams(millrace, { topic, run }) {
  for (const { name, filter } of subscriptions) {
    const id = `${name}-${run}`;
    const body = JSON.stringify({ id, topic, kind: 'stream', start: 'latest', filter });
    await millrace.call('POST', '/v1/subscriptions', { body });
  }
}

/** Opens a reader of each subscription; `from` is `latest` or `earliest`. */
export function openReaders(millrace, { run, payloads, rounds, sent }, from) {
  return subscriptions.map(({ name, matches }) => {
    const expected = payloads.filter(matches).length * rounds;
    const received = new Received(sent);
    const reader = readStream(millrace, `${name}-${run}`, {
      from,
      isDone: () => received.seen.size === expected,
      onEvent: (event) => received.take(event),
    });
    return { name, from, expected, received, ...reader };
  });
}

/** What came of the events that were sent: one row of the table. */
export const judgeReader = ({ name, from, expected, received }) => ({
  subscription: name,
  way: from === 'latest' ? 'stream, live' : 'stream, again',
  matched: expected,
  received: received.seen.size,
  repeats: received.repeated,
  retried: '',
  faulty: received.changed,
  // How long ago an event of the past was published says nothing.
  latencies: from === 'latest' ? received.latencies : [],
});
