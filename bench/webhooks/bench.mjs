/** What the scenarios share: the receivers, the publishers, and a topic with endpoints. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from '../support/worker.mjs';

const here = (name) => join(import.meta.dirname, name);
const PARTITIONS = 4;
/** Events are given up as lost when nothing has come for so long. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;
/** The bare loop: as many requests under way as the scenarios' largest maxInFlight. */
const REFERENCE = { count: 20_000, concurrency: 64 };

let serial = 0;

export class Bench {
  #receiver = new Worker(here('receiver.mjs'));
  #publisher = new Worker(here('publisher.mjs'));
  #bareLoop = new Worker(here('bare-loop.mjs'));
  #reference;

  /**
   * @param platform the Millrace that is measured
   * @param scale how long each load lasts, as a multiple of what the scenarios propose
   */
  constructor(platform, scale) {
    this.platform = platform;
    this.scale = scale;
  }

  async start() {
    // Warms the loop and its receiver up.
    await this.#signAndPost(REFERENCE.count / 10);
  }

  /** The reference is measured anew in each round. */
  beginRound() {
    this.#reference = undefined;
  }

  /** The bare loop's requests a second, measured once in this round with nothing else running. */
  async referenceRate() {
    this.#reference ??= await this.bareLoop();
    return this.#reference.perSecond;
  }

  /** The bare loop, measured now: requests a second, and CPU microseconds of each. */
  bareLoop() {
    return this.#signAndPost(Math.ceil(REFERENCE.count * this.scale));
  }

  stop() {
    for (const worker of [this.#receiver, this.#publisher, this.#bareLoop]) worker.stop();
  }

  /** Runs `use` with a new topic; its subscriptions and the topic itself are gone afterwards. */
  async withTopic(use, platform = this.platform) {
    const topic = new BenchTopic(this, platform, `bench-${process.pid}-${(serial += 1)}`);
    await platform.call('PUT', `/v1/topics/${topic.name}`, { partitions: PARTITIONS });
    try {
      return await use(topic);
    } finally {
      await topic.remove();
    }
  }

  /** An endpoint of the receivers, without a subscription. @returns its URL */
  open(name, options) {
    return this.#receiver.call('open', { name, ...options });
  }

  close(name) {
    return this.#receiver.call('close', { name });
  }

  report(name) {
    return this.#receiver.call('report', { name });
  }

  progress(names) {
    return this.#receiver.call('progress', { names });
  }

  publish(order) {
    return this.#publisher.call('run', order);
  }

  /** Signs and posts `count` events without Millrace. */
  async #signAndPost(count) {
    const name = `bare-${(serial += 1)}`;
    const origin = await this.open(name, { capacity: count });
    const { concurrency } = REFERENCE;
    const cpu = await this.#bareLoop.call('post', { origin, path: '/hook', count, concurrency });
    const { takenAt } = await this.report(name);
    await this.close(name);
    return { perSecond: arrivalRate(takenAt), cpu };
  }
}

/** Arrivals a second, from the first to the last. */
export function arrivalRate(takenAt) {
  const times = takenAt.filter((at) => at > 0).sort();
  return ((times.length - 1) * 1000) / (times.at(-1) - times[0]);
}

/** A topic, and webhook subscriptions of it that send to the receivers. */
class BenchTopic {
  endpoints = [];

  constructor(bench, platform, name) {
    this.bench = bench;
    this.platform = platform;
    this.name = name;
  }

  /**
   * A subscription and its endpoint.
   * @param webhook settings of the subscription
   * @param receiving how the endpoint behaves
   */
  async subscribe({ webhook, start = 'latest', receiving }) {
    const id = `${this.name}-${this.endpoints.length}`;
    const url = `${await this.bench.open(id, receiving)}/hook`;
    this.endpoints.push(id);
    const body = { id, topic: this.name, kind: 'webhook', start, webhook: { url, ...webhook } };
    await this.platform.call('POST', '/v1/subscriptions', body);
    return id;
  }

  /** Has the publishers' process publish; resolves when all is stored. */
  publish(order) {
    const { origin, authorization } = this.platform;
    const target = { origin, authorization, topic: this.name, run: this.name, keys: 1000 };
    return this.bench.publish({ ...target, ...order });
  }

  /** Waits until each endpoint has taken `expected` events, or nothing has come for 60 s. */
  async delivered(expected, names = this.endpoints) {
    let before = -1;
    let movedAt = performance.now();
    for (;;) {
      const taken = await this.bench.progress(names);
      if (taken.every((count) => count >= expected)) return;
      const sum = taken.reduce((total, count) => total + count, 0);
      if (sum !== before) movedAt = performance.now();
      if (performance.now() - movedAt > PATIENCE_MS) return;
      before = sum;
      await pause(POLL_MS);
    }
  }

  reports(names = this.endpoints) {
    return Promise.all(names.map((name) => this.bench.report(name)));
  }

  async remove() {
    for (const id of this.endpoints) {
      await this.platform.call('DELETE', `/v1/subscriptions/${id}`);
      await this.bench.close(id);
    }
    await this.platform.call('DELETE', `/v1/topics/${this.name}?data=delete`);
  }
}
