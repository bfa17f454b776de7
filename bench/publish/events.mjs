/** The events of the publish benchmark: CloudEvents in JSON format, about 300 bytes each. */

/** What both servers check an event's data by. */
export const dataSchema = {
  type: 'object',
  required: ['orderId', 'customer', 'total', 'items'],
  properties: {
    orderId: { type: 'string', maxLength: 64 },
    customer: { type: 'string' },
    total: { type: 'number', minimum: 0 },
    items: { type: 'array', items: { type: 'string' }, maxItems: 100 },
  },
};

export const eventType = 'order.created';

const eventOf = (number) => ({
  specversion: '1.0',
  id: `order-${number}`,
  source: '/shops/7',
  type: eventType,
  time: '2026-01-01T00:00:00Z',
  datacontenttype: 'application/json',
  partitionkey: `customer-${number % 1000}`,
  data: {
    orderId: `order-${number}`,
    customer: `customer-${number % 1000}`,
    total: number % 500,
    items: ['a pencil', 'a notebook'],
  },
});

/** A request body: one event, or `size` of them as a batch. */
export function bodyOf(number, size) {
  if (size === 1) return JSON.stringify(eventOf(number));
  return JSON.stringify(Array.from({ length: size }, (_, index) => eventOf(number + index)));
}

export const contentTypeOf = (size) =>
  size === 1 ? 'application/cloudevents+json' : 'application/cloudevents-batch+json';
