import { startBroker } from 'millrace/broker';

/** Jest's globalSetup. It runs outside Jest's sandbox, where ES modules can be imported. */
export default async function start() {
  const broker = await startBroker();
  globalThis.broker = broker;
  process.env.KAFKA_BROKERS = `${broker.host}:${broker.port}`;
}
