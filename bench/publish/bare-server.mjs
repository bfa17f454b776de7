/**
 * The yardstick: a bare Fastify handler over the same log client and batcher, with an ajv check of
 * the event and the same record headers. No keys, topics, tenants, limits or problem bodies.
 */
import { Ajv } from 'ajv';
import fastify from 'fastify';
import { KafkaEventLog } from '../../dist/kafka/log/kafka-event-log.js';
import { dataSchema } from './events.mjs';

const [brokers, topic] = process.argv.slice(2);
const log = new KafkaEventLog({ brokers: brokers.split(','), ssl: false });

const eventSchema = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', minLength: 1 },
    source: { type: 'string', minLength: 1 },
    type: { type: 'string', minLength: 1 },
    time: { type: 'string' },
    datacontenttype: { type: 'string' },
    partitionkey: { type: 'string' },
    data: dataSchema,
  },
};
const ajv = new Ajv();
const fits = ajv.compile({
  anyOf: [eventSchema, { type: 'array', items: eventSchema, minItems: 1 }],
});

const attributes = ['specversion', 'id', 'source', 'type', 'time', 'partitionkey'];

function recordOf(event) {
  const key = Buffer.from(event.partitionkey);
  const headers = attributes.map((name) => ({
    name: `ce_${name}`,
    value: Buffer.from(event[name]),
  }));
  headers.push({ name: 'content-type', value: Buffer.from(event.datacontenttype) });
  return { key, value: Buffer.from(JSON.stringify(event.data)), headers, partitionBy: key };
}

const server = fastify({ bodyLimit: 16 * 1024 * 1024 });
server.addContentTypeParser(/^application\/cloudevents/, { parseAs: 'string' }, (_, body, done) =>
  done(null, JSON.parse(body)),
);
server.post('/events', async (request, reply) => {
  if (!fits(request.body)) return reply.code(400).send({ error: ajv.errorsText(fits.errors) });
  const events = [request.body].flat();
  const places = await log.publisher.publish(topic, events.map(recordOf));
  if (places.some((place) => place instanceof Error)) return reply.code(503).send({});
  const stored = places.map((place, index) => ({ id: events[index].id, topic, ...place }));
  return reply.code(202).send(Array.isArray(request.body) ? { events: stored } : stored[0]);
});

process.send({ url: await server.listen({ port: 0, host: '127.0.0.1' }) });
process.once('SIGTERM', async () => {
  await server.close();
  await log.close();
  process.exit(0);
});
