/** What is tested: a small program that writes orders to Kafka and sums them up. */

const TOPIC = 'orders';

/** Writes orders, each under its customer's name. */
async function placeOrders(kafka, orders) {
  const producer = kafka.producer();
  await producer.connect();
  const messages = orders.map((order) => ({ key: order.customer, value: JSON.stringify(order) }));
  await producer.send({ topic: TOPIC, messages });
  await producer.disconnect();
}

/** Reads orders from the oldest on, until there are `count`; what each customer has to pay. */
async function totalsOf(kafka, groupId, count) {
  const totals = {};
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  let left = count;
  await new Promise((done, fail) => {
    const eachMessage = async ({ message }) => {
      const { customer, total } = JSON.parse(message.value.toString());
      totals[customer] = (totals[customer] ?? 0) + total;
      left -= 1;
      if (left === 0) done();
    };
    consumer.run({ eachMessage }).catch(fail);
  });
  await consumer.disconnect();
  return totals;
}

module.exports = { placeOrders, totalsOf };
