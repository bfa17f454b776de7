/** node:test, ES modules: a broker for this file. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { startBroker } from 'millrace/broker';
import { placeOrders, totalsOf } from './orders.cjs';

let broker;
before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

test('sums up what each customer has to pay', async () => {
  const brokers = [`${broker.host}:${broker.port}`];
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  await placeOrders(kafka, [
    { customer: 'ada', total: 12 },
    { customer: 'bob', total: 5 },
    { customer: 'ada', total: 3 },
  ]);
  assert.deepEqual(await totalsOf(kafka, 'sums', 3), { ada: 15, bob: 5 });
});
