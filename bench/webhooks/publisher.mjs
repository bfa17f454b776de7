/**
 * The publishers, in a process of their own: each has a connection and one request under way. Event
 * `number` is always the same publisher's, so that its key's events are published in order.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { answerCalls } from '../support/worker.mjs';
import { monotonicMs } from '../support/monotonic.mjs';
import { dataOf, eventType } from './events.mjs';

const AGAIN_MS = 50;

/** What was published, by number. */
class Published {
  constructor(capacity) {
    /** Before the first call; 0: never called. */
    this.sentAt = new Float64Array(capacity);
    /** When 202 had come; 0: it has not. */
    this.storedAt = new Float64Array(capacity);
    /** Calls. */
    this.tries = new Uint16Array(capacity);
  }
}

async function publish(pool, { topic, authorization, keys, run }, number) {
  const path =
    `/v1/topics/${topic}/events?type=${eventType}` +
    `&key=key-${number % keys}&id=${run}-${number}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await pool.request({ method: 'POST', path, headers, body: dataOf(number) });
  const text = await answer.body.text();
  if (answer.statusCode === 202) return;
  throw new Error(`publish: ${answer.statusCode} ${text}`);
}

/** Until it is stored; an answer that is no 202 is passed on unless `persistent`. */
async function store(pool, order, number, published) {
  published.sentAt[number] = monotonicMs();
  for (;;) {
    published.tries[number] += 1;
    try {
      await publish(pool, order, number);
      break;
    } catch (error) {
      if (!order.persistent) throw error;
      await pause(AGAIN_MS);
    }
  }
  published.storedAt[number] = monotonicMs();
}

/** Waits until it is the event's turn at the pace of `perSecond`; without one at once. */
async function turnOf(number, { perSecond }, startedAt) {
  if (perSecond === undefined) return;
  const waitMs = startedAt + (number * 1000) / perSecond - monotonicMs();
  if (waitMs > 0) await pause(waitMs);
}

/**
 * Publishes `count` events, or as many as go in `seconds`, with `publishers` at a time; `perSecond`
 * paces them all together.
 */
async function publishAll(order) {
  const { origin, publishers, seconds = Infinity, count = Infinity, capacity, perSecond } = order;
  const pool = new Pool(origin, { connections: publishers, pipelining: 1 });
  const last = Math.min(count, capacity, perSecond === undefined ? Infinity : perSecond * seconds);
  const published = new Published(capacity);
  const startedAt = monotonicMs();
  const work = async (first) => {
    for (let number = first; number < last; number += publishers) {
      await turnOf(number, order, startedAt);
      if (perSecond === undefined && monotonicMs() - startedAt > seconds * 1000) return;
      await store(pool, order, number, published);
    }
  };
  await Promise.all(Array.from({ length: publishers }, (_, first) => work(first)));
  await pool.close();
  return { startedAt, ...published };
}

answerCalls({ run: publishAll });
