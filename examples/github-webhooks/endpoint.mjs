/** One webhook endpoint of the demo: what it was sent, and how that compares with what was published. */
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

/** The event's type and the bytes of its data, in the two formats that the demo asks for. */
function eventOf({ headers, body }) {
  if (headers['ce-type']) return { type: headers['ce-type'], data: body };
  // {"type":…,"timestamp":…,"data":…}: data is there byte by byte as it was published.
  const data = body.subarray(body.indexOf('"data":') + '"data":'.length, -1);
  return { type: JSON.parse(body).type, data };
}

export class Endpoint {
  forged = 0;
  /** Attempts that were answered with a failure or not at all. */
  retried = 0;
  /** Events that came again after they had been taken. */
  repeats = 0;
  #attempts = new Map();
  /** What was taken, by message id, in the order of arrival. */
  #taken = new Map();
  #lastArrival = performance.now();

  /** @param definition one of webhooks.mjs */
  constructor(definition) {
    this.definition = definition;
  }

  onForged() {
    this.forged += 1;
  }

  /** Answers as the definition says; an event counts as received when it is answered with 2xx. */
  onWebhook({ id, headers, body }) {
    const at = performance.now();
    const event = eventOf({ headers, body });
    if (event.type === 'millrace.test') return 204;
    this.#lastArrival = at;
    const status = this.#answerTo(id);
    if (status !== 204) this.retried += 1;
    else if (this.#taken.has(id)) this.repeats += 1;
    else this.#taken.set(id, { ...event, at });
    return status;
  }

  /** Waits until all that was sent has come, or nothing has come for 20 s. */
  async done(sent) {
    const { matches } = this.definition;
    const expected = sent.filter(({ payload }) => matches(payload));
    const isMissing = ({ messageId }) => !this.#taken.has(messageId);
    while (expected.some(isMissing) && performance.now() - this.#lastArrival < PATIENCE_MS) {
      await pause(20);
    }
  }

  /** What came of the events that were sent: one row of the table. */
  judge(sent) {
    const matched = sent.filter(({ payload }) => this.definition.matches(payload));
    const byMessageId = new Map(matched.map((event) => [event.messageId, event]));
    const pairs = [...this.#taken].flatMap(([id, taken]) => {
      const original = byMessageId.get(id);
      return original ? [{ original, taken }] : [];
    });
    const changed = pairs.filter(({ original, taken }) => !isSame(original.payload, taken)).length;
    const disordered = this.definition.settings.ordering === 'key' ? countDisordered(pairs) : 0;
    return {
      subscription: this.definition.name,
      way: 'webhook',
      matched: matched.length,
      received: pairs.length,
      repeats: this.repeats,
      retried: this.retried,
      faulty: changed + disordered + this.forged,
      latencies: pairs.map(({ original, taken }) => taken.at - original.sentAt),
    };
  }

  #answerTo(id) {
    const seen = this.#attempts.get(id) ?? { nth: this.#attempts.size + 1, attempt: 0 };
    seen.attempt += 1;
    this.#attempts.set(id, seen);
    return this.definition.answer(seen);
  }
}

const isSame = ({ type, body }, taken) =>
  taken.type === type && taken.data.equals(Buffer.from(body));

/** Events that were taken after a later one of their key. */
function countDisordered(pairs) {
  const latest = new Map();
  let count = 0;
  for (const { original } of pairs) {
    const { payload, offset } = original;
    if (offset < (latest.get(payload.key) ?? -1)) count += 1;
    else latest.set(payload.key, offset);
  }
  return count;
}
