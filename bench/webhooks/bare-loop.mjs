/**
 * The yardstick, in a process of its own: a loop that signs the bodies that Millrace would send and
 * posts them with undici's `request`, nothing else.
 */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import { answerCalls } from '../support/worker.mjs';
import { webhookBodyOf } from './events.mjs';

const secret = createSecretKey(randomBytes(32));

function headersOf(id, body) {
  const timestamp = Math.floor(Date.now() / 1000);
  const signed = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body);
  return [
    ['webhook-id', id],
    ['webhook-timestamp', String(timestamp)],
    ['webhook-signature', `v1,${signed.digest('base64')}`],
    ['content-type', 'application/json'],
    ['user-agent', 'bare-loop'],
  ].flat();
}

/**
 * Posts events 0 to `count`, with `concurrency` under way.
 * @returns CPU microseconds a request, the making of the bodies not counted
 */
async function post({ origin, path, count, concurrency }) {
  const bodies = Array.from({ length: count }, (_, number) => Buffer.from(webhookBodyOf(number)));
  const pool = new Pool(origin, { connections: concurrency, pipelining: 1 });
  const next = bodies.entries();
  const before = process.cpuUsage();
  const work = async () => {
    for (const [number, body] of next) {
      const headers = headersOf(`msg_${String(number).padStart(27, '0')}`, body);
      const answer = await pool.request({ method: 'POST', path, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const { user, system } = process.cpuUsage(before);
  await pool.close();
  return (user + system) / count;
}

answerCalls({ post });
