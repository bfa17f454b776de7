/** Puts the payloads into Millrace: their schemas once, then each payload in every round. */
import { countFitting, schemasOf } from './schemas.mjs';

const PUBLISHERS = 4;

export async function registerSchemas(millrace, topic, payloads) {
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

/**
 * Sends every payload in every round, a few at a time, each with an id of its own.
 * @param sent takes what was sent by event id: `{ payload, sentAt }`, and from the answer on also
 *   `messageId`, which every delivery carries, and `offset`
 */
export async function publishAll(millrace, { topic, payloads, rounds, run, sent }) {
  const queue = Array.from({ length: rounds }, (_, round) =>
    payloads.map((payload, index) => ({ id: `${run}-${round}-${index}`, payload })),
  ).flat();
  const next = queue.values();
  const publish = async () => {
    for (const { id, payload } of next) {
      const event = { payload, sentAt: performance.now() };
      sent.set(id, event);
      const query = new URLSearchParams({ id, type: payload.type, key: payload.key });
      const path = `/v1/topics/${topic}/events?${query}`;
      const { messageId, offset } = await millrace.call('POST', path, { body: payload.body });
      Object.assign(event, { messageId, offset });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publish));
}
