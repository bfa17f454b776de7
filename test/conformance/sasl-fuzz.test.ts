import {
  MECHANISMS,
  type Mechanism,
  type ScramMechanism,
} from '../../src/kafka/broker/security/mechanism.js';
import { ScramClient } from '../../src/kafka/broker/security/testing/scram-client.js';
import { embeddedBroker, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { randomNumbers } from '../support/random-numbers.js';
import { mutated } from './support/fuzzing.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import {
  authenticate,
  authenticateBare,
  framed,
  handshake,
  logIn,
  METADATA,
} from './support/sasl.js';

// A broker that others use is not the place for this.
const embedded = isForeign ? describe.skip : describe;

/** Set KAFKA_FUZZ_SEED to look elsewhere; each test tells its seed. */
const SEED = Number(process.env['KAFKA_FUZZ_SEED'] ?? 1);
const CLIENTS = 60;
/** By which the answer to a request that must not be answered would be known. */
const SMUGGLED = 0x5ec2e7;
const ANN = { username: 'ann', password: 'one' };

let broker: BrokerUnderTest;

beforeAll(async () => {
  // Where damaged lengths make both sides wait for more, this ends it.
  const idleMs = 1000;
  broker = await embeddedBroker({ sasl: { users: { ann: 'one' } }, idleMs });
});
afterAll(() => broker.stop());

const scramOf = (mechanism: ScramMechanism): ScramClient =>
  new ScramClient(mechanism, 'ann', 'two');

/** Tokens that would be right, were the password and what the broker says in between. */
function tokensOf(mechanism: Mechanism): readonly Buffer[] {
  if (mechanism === 'PLAIN') return [Buffer.from('\0ann\0two'), Buffer.from('ann\0ann\0on')];
  const scram = scramOf(mechanism);
  const { message } = scram.last(Buffer.from('r=client-nonceabc,s=AAAAAAAAAAA=,i=4096'));
  return [scram.first(), message];
}

/** Goes through the first step of SCRAM; returns what would be right then, were the password. */
async function lastToken(
  client: RawClient,
  mechanism: ScramMechanism,
  bare: boolean,
): Promise<Buffer> {
  const scram = scramOf(mechanism);
  const serverFirst = bare
    ? await authenticateBare(client, scram.first())
    : (await authenticate(client, scram.first())).authBytes;
  return scram.last(serverFirst).message;
}

/** A frame with a token, bare or in a request, mostly damaged. */
function frameOf(token: Buffer, bare: boolean, random: () => number): Buffer {
  const noise = Buffer.from(Array.from({ length: random() * 200 }, () => random() * 256));
  const authBytes = random() < 0.2 ? noise : token;
  const version = Math.floor(random() * 3);
  const frame = bare ? framed(authBytes) : encodeRequest(36, version, 1, { authBytes });
  // What is too short has nothing behind its beginning to be damaged.
  return random() < 0.8 && frame.length > 8 ? mutated(frame, random) : frame;
}

/** What a client does before it makes a request that it must not make. */
type Attempt = (client: RawClient) => Promise<void>;

function attemptOf(mechanism: Mechanism, version: number, random: () => number): Attempt {
  const bare = version === 0;
  const deep = mechanism !== 'PLAIN' && random() < 0.5;
  return async (client) => {
    await handshake(client, mechanism, version);
    const tokens = deep ? [await lastToken(client, mechanism, bare)] : tokensOf(mechanism);
    for (const token of tokens) client.socket.write(frameOf(token, bare, random));
  };
}

/** Whether a request is answered after that. */
async function isLetIn(attempt: Attempt): Promise<boolean> {
  const client = await RawClient.open(broker);
  const answers: Buffer[] = [];
  await attempt(client);
  client.socket.on('data', (bytes: Buffer) => answers.push(bytes));
  client.socket.write(encodeRequest(METADATA, 7, SMUGGLED, { topics: [] }));
  await client.closed;
  const id = Buffer.alloc(4);
  id.writeInt32BE(SMUGGLED);
  return Buffer.concat(answers).includes(id);
}

embedded('tokens of random bytes', () => {
  const cases = MECHANISMS.flatMap((mechanism) =>
    [0, 1].map((version) => ({ mechanism, version })),
  );

  it.each(cases.map((each, index) => ({ ...each, seed: SEED * 1000 + index })))(
    'let nobody in and end nothing: $mechanism after handshake $version (seed $seed)',
    async ({ mechanism, version, seed }) => {
      const attempts = Array.from({ length: CLIENTS }, (_, index) =>
        attemptOf(mechanism, version, randomNumbers(seed * CLIENTS + index)),
      );
      const letIn = await Promise.all(attempts.map(isLetIn));
      expect(letIn).toEqual(attempts.map(() => false));
      const honest = await RawClient.open(broker);
      expect((await logIn(honest, mechanism, ANN)).errorCode).toBe(0);
      honest.close();
    },
  );

  it('would be noticed to let somebody in', async () => {
    const attempt = async (client: RawClient): Promise<void> => {
      await logIn(client, 'SCRAM-SHA-256', ANN);
    };
    expect(await isLetIn(attempt)).toBe(true);
  });
});
