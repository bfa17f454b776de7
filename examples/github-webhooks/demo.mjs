/**
 * `npm run demo [rounds]`: replays the real GitHub webhook payloads of @octokit/webhooks-examples
 * through Millrace and reads them back through filtered stream subscriptions, live and from the
 * beginning. Ends with 1 if one event is missing, comes twice or is changed by a byte.
 */
import { connect } from './millrace.mjs';
import { loadPayloads } from './payloads.mjs';
import { percentile, printTable } from './report.mjs';
import { readStream } from './reader.mjs';
import { countFitting, schemasOf } from './schemas.mjs';
import { subscriptions } from './subscriptions.mjs';

const PUBLISHERS = 4;
const rounds = Number(process.argv[2] ?? 10);
const run = Date.now().toString(36);
const topic = process.env.MILLRACE_DEMO_TOPIC ?? 'github';

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

async function registerSchemas(millrace, payloads) {
  const schemas = schemasOf(payloads);
  for (const [type, schema] of schemas) {
    const path = `/v1/topics/${topic}/schemas/${encodeURIComponent(type)}`;
    await millrace.call('PUT', path, { body: JSON.stringify({ schema }) });
  }
  const { fitting, total } = countFitting(payloads, schemas);
  console.log(
    `${schemas.size} schemas registered, not enforced: ${fitting} of ${total} payloads fit theirs, ${total - fitting} do not.`,
  );
}

async function subscribe(millrace) {
  for (const { name, filter } of subscriptions) {
    const id = `${name}-${run}`;
    const body = JSON.stringify({ id, topic, kind: 'stream', start: 'latest', filter });
    await millrace.call('POST', '/v1/subscriptions', { body });
  }
}

/** Sends every payload in every round, a few at a time, each with an id of its own. */
async function publishAll(millrace, payloads, sent) {
  const queue = Array.from({ length: rounds }, (_, round) =>
    payloads.map((payload, index) => ({ id: `${run}-${round}-${index}`, payload })),
  ).flat();
  const next = queue.values();
  const publish = async () => {
    for (const { id, payload } of next) {
      sent.set(id, { payload, sentAt: performance.now() });
      const query = new URLSearchParams({ id, type: payload.type, key: payload.key });
      await millrace.call('POST', `/v1/topics/${topic}/events?${query}`, { body: payload.body });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publish));
}

function openReaders(millrace, payloads, sent, from) {
  return subscriptions.map(({ name, matches }) => {
    const expected = payloads.filter(matches).length * rounds;
    const received = new Received(sent);
    const reader = readStream(millrace, `${name}-${run}`, {
      from,
      isDone: () => received.seen.size === expected,
      onEvent: (event) => received.take(event),
    });
    return { name, expected, received, ...reader };
  });
}

const rowOf = (mode, { name, expected, received }, published) => ({
  subscription: name,
  read: mode,
  published,
  matched: expected,
  received: received.seen.size,
  changed: received.changed,
  'p50 ms': mode === 'live' ? percentile(received.latencies, 0.5) : '',
  'p99 ms': mode === 'live' ? percentile(received.latencies, 0.99) : '',
});

const isWhole = ({ expected, received }) =>
  received.seen.size === expected && received.changed + received.repeated === 0;

async function demo(millrace) {
  const payloads = loadPayloads();
  const sent = new Map();
  console.log(`Topic ${topic} at ${millrace.url}: ${payloads.length} payloads, ${rounds} rounds.`);
  await millrace.call('PUT', `/v1/topics/${topic}`, { body: '{}' });
  await registerSchemas(millrace, payloads);
  await subscribe(millrace);
  const live = openReaders(millrace, payloads, sent, 'latest');
  await Promise.all(live.map(({ opened }) => opened));
  await publishAll(millrace, payloads, sent);
  await Promise.all(live.map(({ done }) => done));
  const again = openReaders(millrace, payloads, sent, 'earliest');
  await Promise.all(again.map(({ done }) => done));
  printTable([
    ...live.map((reader) => rowOf('live', reader, sent.size)),
    ...again.map((reader) => rowOf('earliest', reader, sent.size)),
  ]);
  return [...live, ...again].every(isWhole);
}

const millrace = await connect();
try {
  const whole = await demo(millrace);
  console.log(whole ? 'Every event arrived, byte by byte.' : 'Events are missing or changed.');
  process.exitCode = whole ? 0 : 1;
} finally {
  await millrace.stop();
}
