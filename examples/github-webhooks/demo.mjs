/**
 * `npm run demo [rounds]`: replays the real GitHub webhook payloads of @octokit/webhooks-examples
 * through Millrace. They are read back through filtered streams, live and from the beginning, and
 * sent to signed webhooks, of which one endpoint fails now and then and one hangs. Ends with 1 if one
 * event is missing or changed by a byte, if a stream gives one twice, or if a webhook's signature is
 * wrong or a key's order is broken.
 */
import { connect } from './millrace.mjs';
import { loadPayloads } from './payloads.mjs';
import { publishAll, registerSchemas } from './publish.mjs';
import { Receiver } from './receiver.mjs';
import { printReport } from './report.mjs';
import { judgeReader, openReaders, subscribeStreams } from './streams.mjs';
import { subscribeWebhooks, unsubscribeWebhooks } from './subscribe-webhooks.mjs';

const topic = process.env.MILLRACE_DEMO_TOPIC ?? 'github';
const about = {
  topic,
  payloads: loadPayloads(),
  rounds: Number(process.argv[2] ?? 10),
  run: Date.now().toString(36),
  /** What was sent, by event id. */
  sent: new Map(),
};

async function demo(millrace, receiver) {
  const { payloads, rounds, sent } = about;
  console.log(`Topic ${topic} at ${millrace.url}: ${payloads.length} payloads, ${rounds} rounds.`);
  await millrace.call('PUT', `/v1/topics/${topic}`, { body: '{}' });
  const endpoints = await subscribeWebhooks(millrace, receiver, about);
  await subscribeStreams(millrace, about);
  await registerSchemas(millrace, topic, payloads);
  const live = openReaders(millrace, about, 'latest');
  await Promise.all(live.map(({ opened }) => opened));
  await publishAll(millrace, about);
  const events = [...sent.values()];
  await Promise.all([
    ...live.map(({ done }) => done),
    ...endpoints.map((endpoint) => endpoint.done(events)),
  ]);
  const again = openReaders(millrace, about, 'earliest');
  await Promise.all(again.map(({ done }) => done));
  return [
    ...live.map(judgeReader),
    ...again.map(judgeReader),
    ...endpoints.map((endpoint) => endpoint.judge(events)),
  ];
}

/** Webhooks may repeat an event, when an answer was lost; the message id tells. */
const isWhole = ({ way, matched, received, repeats, faulty }) =>
  received === matched && faulty === 0 && (way === 'webhook' || repeats === 0);

/** Runs the demo and tells what came of it. @returns whether all is well */
async function run(millrace, receiver) {
  try {
    const rows = await demo(millrace, receiver);
    printReport(rows, about.sent.size);
    const whole = rows.every(isWhole);
    console.log(whole ? 'Every event arrived, byte by byte.' : 'Events are missing or faulty.');
    return whole;
  } finally {
    await unsubscribeWebhooks(millrace, about);
  }
}

const millrace = await connect();
const receiver = new Receiver();
try {
  await receiver.listen();
  process.exitCode = (await run(millrace, receiver)) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  receiver.close();
  await millrace.stop();
}
