/** Jest, CommonJS: the broker is shared, so that each test file takes topics and groups of its own. */
const { Kafka, logLevel } = require('kafkajs');
const { placeOrders, totalsOf } = require('./orders.cjs');

test('sums up what each customer has to pay', async () => {
  const kafka = new Kafka({
    brokers: process.env.KAFKA_BROKERS.split(','),
    logLevel: logLevel.NOTHING,
  });
  await placeOrders(kafka, [
    { customer: 'ada', total: 12 },
    { customer: 'bob', total: 5 },
    { customer: 'ada', total: 3 },
  ]);
  expect(await totalsOf(kafka, 'sums', 3)).toEqual({ ada: 15, bob: 5 });
});
