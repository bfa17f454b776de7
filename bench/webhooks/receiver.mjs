/**
 * The receivers, in a process of their own: bare node:http servers that count and note times. Each
 * endpoint has a port of its own, as receivers are mostly different hosts; bodies are looked at for
 * the event's number only.
 */
import { createServer } from 'node:http';
import { answerCalls } from '../support/worker.mjs';
import { monotonicMs } from '../support/monotonic.mjs';
import { numberIn } from './events.mjs';

const endpoints = new Map();

/** What one endpoint got. */
class Endpoint {
  /** When each event was first taken, by number; 0: not yet. */
  takenAt;
  /** How often each was taken. */
  counts;
  /** Numbers in the order of their first taking. */
  order = [];
  requests = 0;
  failed = 0;

  /** @param failShare share of requests that are answered with 500 */
  constructor({ capacity, hangMs = 0, failShare = 0 }) {
    this.takenAt = new Float64Array(capacity);
    this.counts = new Uint8Array(capacity);
    this.hangMs = hangMs;
    this.failShare = failShare;
  }

  /** Notes a request and gives the status to answer. */
  take(number, at) {
    this.requests += 1;
    if (this.failShare > 0 && Math.random() < this.failShare) {
      this.failed += 1;
      return 500;
    }
    this.counts[number] += 1;
    if (this.counts[number] === 1) {
      this.takenAt[number] = at;
      this.order.push(number);
    }
    return 200;
  }
}

/** Answers a request whose body is complete. */
function answer(endpoint, response, body) {
  const status = endpoint.take(numberIn(body), monotonicMs());
  const end = () => response.writeHead(status, { 'content-length': 0 }).end();
  if (endpoint.hangMs > 0) setTimeout(end, endpoint.hangMs).unref();
  else end();
}

const serve = (endpoint) =>
  createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    let body;
    request.on('data', (chunk) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk]);
    });
    request.on('end', () => answer(endpoint, response, body ?? Buffer.alloc(0)));
  });

answerCalls({
  /** @returns where the endpoint of this name listens */
  open: async ({ name, ...options }) => {
    const endpoint = new Endpoint(options);
    const server = serve(endpoint);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
    endpoints.set(name, { endpoint, server });
    return `http://127.0.0.1:${server.address().port}`;
  },
  close: ({ name }) => {
    const { server } = endpoints.get(name);
    server.close();
    server.closeAllConnections();
    endpoints.delete(name);
  },
  /** How many different events each has taken. */
  progress: ({ names }) => names.map((name) => endpoints.get(name).endpoint.order.length),
  report: ({ name }) => {
    const { takenAt, counts, order, requests, failed } = endpoints.get(name).endpoint;
    return { takenAt, counts, order: Uint32Array.from(order), requests, failed };
  },
});
