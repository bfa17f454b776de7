import { SERVED_APIS } from '../../src/kafka/broker/apis/index.js';
import type { Fields } from '../../src/kafka/broker/protocol/field.js';
import { brokerUnderTest, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { RawClient } from './support/raw-client.js';

let broker: BrokerUnderTest;

beforeAll(async () => {
  broker = await brokerUnderTest();
});
afterAll(() => broker.stop());

/** A request with nothing in it: every list empty, every text without letters. */
function emptyRequest(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.fallback ?? null]),
  );
}

const needsMore: Readonly<Record<string, Record<string, unknown>>> = {
  ApiVersions: { clientSoftwareName: 'raw', clientSoftwareVersion: '1' },
  Fetch: { sessionEpoch: -1 },
  InitProducerId: { transactionalId: null, transactionTimeoutMs: 60_000 },
  Produce: { acks: -1, timeoutMs: 1000 },
};

/** Versions below what Apache Kafka 4 still serves, and those whose requests cannot be empty. */
const foreignFrom: Readonly<Record<string, number>> = { Produce: 3 };

const cases = SERVED_APIS.flatMap((api) =>
  Array.from({ length: api.versions.to - api.versions.from + 1 }, (_, i) => ({
    api,
    name: api.name,
    version: api.versions.from + i,
  })),
).filter(({ name, version }) => !isForeign || version >= (foreignFrom[name] ?? 0));

describe('every version of every API', () => {
  it.each(cases)('answers by the grammar: $name $version', async ({ api, version }) => {
    const client = await RawClient.open(broker);
    const body = { ...emptyRequest(api.request), ...needsMore[api.name] };
    const answer = await client.request(api.key, version, body);
    expect(answer).toEqual(expect.any(Object));
    client.close();
  });
});
