import type { StartBrokerOptions } from '../../../src/kafka/broker/start-broker.js';
import { brokerUnderTest, type BrokerUnderTest } from './broker-under-test.js';
import { RawClient } from './raw-client.js';

/** What the tests of a file work with. */
export interface OneBroker {
  readonly broker: BrokerUnderTest;
  readonly client: RawClient;
}

/**
 * One broker under test, and one connection to it, for all tests of a file.
 * @param use is handed them before the first test
 * @param options of the embedded one
 */
export function withOneBroker(
  use: (started: OneBroker) => void,
  options: StartBrokerOptions = {},
): void {
  let broker: BrokerUnderTest;
  let client: RawClient;
  beforeAll(async () => {
    broker = await brokerUnderTest(options);
    client = await RawClient.open(broker);
    use({ broker, client });
  });
  afterAll(async () => {
    client.close();
    await broker.stop();
  });
}
