/**
 * The load, in a process of its own so that it takes no time from the server's thread: 64
 * connections, each with one request under way. Raw sockets and requests made beforehand keep it
 * cheap. Takes its order as a message, answers with the figures.
 */
import { connect } from 'node:net';
import { bodyOf, contentTypeOf } from './events.mjs';

const CONNECTIONS = 64;
const REQUESTS = 512;

const requestOf = ({ host, path, authorization, size }, number) => {
  const body = bodyOf(number * size, size);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\n` +
      `Content-Type: ${contentTypeOf(size)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};

/** Length of the first whole answer in `text`, or 0; throws at anything but 202. */
function answerLength(text) {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  if (!text.startsWith('HTTP/1.1 202')) throw new Error(`not a 202: ${text.slice(0, 400)}`);
  const length = /content-length: (\d+)/i.exec(text.slice(0, headEnd));
  const whole = headEnd + 4 + Number(length?.[1] ?? 0);
  return text.length >= whole ? whole : 0;
}

/** Sends one request after the other until `state.over`; notes when each answer came. */
function keepSending(order, requests, state) {
  return new Promise((resolve, reject) => {
    const socket = connect(order.port, order.hostname);
    socket.setNoDelay(true);
    let next = Math.floor(Math.random() * requests.length);
    let received = '';
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(requests[next++ % requests.length]);
    };
    socket.once('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      try {
        const length = answerLength(received);
        if (length === 0) return;
        received = received.slice(length);
      } catch (error) {
        return reject(error);
      }
      state.answers += 1;
      if (state.measuring) state.latencies.push(performance.now() - sentAt);
      if (state.over) return socket.end(resolve);
      send();
    });
  });
}

async function run(order) {
  const requests = Array.from({ length: REQUESTS }, (_, number) => requestOf(order, number));
  const state = { measuring: false, over: false, answers: 0, latencies: [] };
  const sending = Promise.all(
    Array.from({ length: CONNECTIONS }, () => keepSending(order, requests, state)),
  );
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.race([sending, pause(order.warmUpMs)]);
  state.measuring = true;
  const began = performance.now();
  await Promise.race([sending, pause(order.measureMs)]);
  const seconds = (performance.now() - began) / 1000;
  state.measuring = false;
  state.over = true;
  await sending;
  const latencies = state.latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)];
  return {
    perSecond: (latencies.length * order.size) / seconds,
    p50: at(0.5),
    p99: at(0.99),
    /** Events sent in all, the warm-up's too. */
    sent: state.answers * order.size,
  };
}

process.on('message', (order) => {
  run(order).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.message }),
  );
});
