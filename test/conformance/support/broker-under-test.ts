import { startBroker, type StartBrokerOptions } from '../../../src/kafka/broker/start-broker.js';

/** The broker that a suite runs against: ours, or any Kafka named in the environment. */
export interface BrokerUnderTest {
  readonly brokers: string[];
  readonly host: string;
  readonly port: number;
  /** Runs retention and compaction now; another broker does it in its own time. */
  clean(): Promise<void>;
  stop(): Promise<void>;
}

const FOREIGN = process.env['KAFKA_CONFORMANCE_BROKERS'];

/** Whether the suite runs against a broker that it did not start. */
export const isForeign = FOREIGN !== undefined && FOREIGN !== '';

/**
 * Starts the embedded broker, or takes the one in KAFKA_CONFORMANCE_BROKERS (`host:port`), to show
 * that what the suite expects is what Apache Kafka does.
 */
export async function brokerUnderTest(options: StartBrokerOptions = {}): Promise<BrokerUnderTest> {
  if (FOREIGN) return foreignBroker(FOREIGN);
  return embeddedBroker(options);
}

/** A broker that runs already; `addresses` is a list of `host:port` with commas between. */
export function foreignBroker(addresses: string): BrokerUnderTest {
  const brokers = addresses.split(',');
  const [host, port] = brokers[0]!.split(':');
  const nothing = (): Promise<void> => Promise.resolve();
  return { brokers, host: host!, port: Number(port), clean: nothing, stop: nothing };
}

/** Ours, whatever the environment says. */
export async function embeddedBroker(options: StartBrokerOptions): Promise<BrokerUnderTest> {
  const broker = await startBroker(options);
  const { host, port } = broker;
  return {
    brokers: [`${host}:${port}`],
    host,
    port,
    clean: () => broker.clean(),
    stop: () => broker.stop(),
  };
}
