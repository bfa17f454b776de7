/** The events of the webhook benchmarks: plain JSON of about 300 bytes, numbered. */

export const eventType = 'order.created';

const items = Array.from({ length: 6 }, (_, index) => `a pencil of the kind ${index}`);

/** The payload of event `number`. The receiver finds the number without parsing. */
export const dataOf = (number) =>
  JSON.stringify({
    n: number,
    orderId: `order-${number}`,
    customer: `customer-${number % 1000}`,
    total: number % 500,
    items,
  });

/** What Millrace sends of it, in the format of Standard Webhooks. */
export const webhookBodyOf = (number) =>
  `{"type":"${eventType}","timestamp":"2026-01-01T00:00:00.000Z","data":${dataOf(number)}}`;

const marker = '"n":';

/** The event's number out of a webhook's body; -1 where there is none. */
export function numberIn(body) {
  const at = body.indexOf(marker);
  return at < 0 ? -1 : Number.parseInt(body.latin1Slice(at + marker.length, at + 16), 10);
}
