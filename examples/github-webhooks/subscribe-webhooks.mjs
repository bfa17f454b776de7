/** Makes the demo's webhook subscriptions, and connects each with an endpoint of the receiver. */
import { Endpoint } from './endpoint.mjs';
import { webhooks } from './webhooks.mjs';

const ALLOW = 'MILLRACE_WEBHOOK_ALLOW_CIDRS=127.0.0.0/8';

/** Webhooks may not reach private addresses by default, and the demo's receiver has one. */
function explain(error) {
  if (error.code !== 'SUBSCRIPTIONS.WEBHOOK_ADDRESS_FORBIDDEN') return error;
  return new Error(
    `This Millrace does not send webhooks to 127.0.0.1, where the demo receives them. ` +
      `Start it with ${ALLOW}, or leave MILLRACE_URL unset: then the demo starts one of its own.`,
  );
}

async function subscribe(millrace, receiver, { topic, run }, definition) {
  const id = `${definition.name}-${run}`;
  const webhook = { url: receiver.urlOf(id), ...definition.settings };
  const body = { id, topic, kind: 'webhook', filter: definition.filter, webhook };
  await millrace.call('POST', '/v1/subscriptions', { body: JSON.stringify(body) });
  const { secrets } = await millrace.call('GET', `/v1/subscriptions/${id}/secret`);
  const endpoint = new Endpoint(definition);
  receiver.add(id, secrets[0].secret, endpoint);
  await test(millrace, id);
  return endpoint;
}

/** One event by itself, now: tells at once when Millrace cannot reach the endpoint. */
async function test(millrace, id) {
  const { delivered, error } = await millrace.call('POST', `/v1/subscriptions/${id}/test`);
  if (!delivered) throw new Error(`Millrace does not reach the demo's receiver: ${error.message}`);
}

/**
 * @returns an endpoint for each of webhooks.mjs, tested
 * @throws Error that says what to set when Millrace may not send to this machine
 */
export async function subscribeWebhooks(millrace, receiver, about) {
  const endpoints = [];
  try {
    for (const definition of webhooks) {
      endpoints.push(await subscribe(millrace, receiver, about, definition));
    }
  } catch (error) {
    throw explain(error);
  }
  return endpoints;
}

/** A Millrace that runs on must not go on sending to a receiver that has gone. */
export async function unsubscribeWebhooks(millrace, { run }) {
  for (const { name } of webhooks) {
    await millrace.call('DELETE', `/v1/subscriptions/${name}-${run}`).catch((error) => {
      if (error.status !== 404) throw error;
    });
  }
}
