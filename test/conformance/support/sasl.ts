import type { Mechanism, ScramMechanism } from '../../../src/kafka/broker/security/mechanism.js';
import { ScramClient } from '../../../src/kafka/broker/security/testing/scram-client.js';
import {
  embeddedBroker,
  foreignBroker,
  isForeign,
  type BrokerUnderTest,
} from './broker-under-test.js';
import type { RawClient } from './raw-client.js';

export const API_VERSIONS = 18;
export const METADATA = 3;
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

export const SASL_ERROR = {
  UNSUPPORTED_SASL_MECHANISM: 33,
  ILLEGAL_SASL_STATE: 34,
  SASL_AUTHENTICATION_FAILED: 58,
} as const;

export const SCRAMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** Of a Metadata request, and what is in the answer. */
export const NO_TOPICS = { topics: [] };

/** The user of the broker under test, known to every mechanism. */
export const ALICE = { username: 'alice', password: 'alice-secret' };

/** Whom no mechanism lets in. */
export const WRONG = [
  ['a wrong password', { ...ALICE, password: 'alice-guess' }],
  ['an unknown user', { ...ALICE, username: 'mallory' }],
] as const;

const FOREIGN = process.env['KAFKA_CONFORMANCE_SASL_BROKERS'];

/** Whether there is no broker with SASL to test: a foreign one was named, but not with SASL. */
const isWithoutSasl = isForeign && !FOREIGN;

/**
 * The embedded broker with SASL, or the one in KAFKA_CONFORMANCE_SASL_BROKERS (`host:port`), where
 * alice must have the password above and PLAIN and both SCRAM mechanisms be enabled.
 */
async function saslBrokerUnderTest(): Promise<BrokerUnderTest> {
  if (FOREIGN) return foreignBroker(FOREIGN);
  return embeddedBroker({ sasl: { users: { [ALICE.username]: ALICE.password } } });
}

export interface HandshakeAnswer {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

export interface TokenAnswer {
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly authBytes: Buffer;
  readonly sessionLifetimeMs: number;
}

/** Chooses a mechanism; after version 0 tokens go bare. */
export function handshake(
  client: RawClient,
  mechanism: string,
  version = 1,
): Promise<HandshakeAnswer> {
  return client.request<HandshakeAnswer>(SASL_HANDSHAKE, version, { mechanism });
}

/** Sends a token in SaslAuthenticate. */
export function authenticate(
  client: RawClient,
  token: string | Buffer,
  version = 2,
): Promise<TokenAnswer> {
  const authBytes = Buffer.from(token);
  return client.request<TokenAnswer>(SASL_AUTHENTICATE, version, { authBytes });
}

/** Sends a token without a request around it; resolves to the bare answer. */
export function authenticateBare(client: RawClient, token: string | Buffer): Promise<Buffer> {
  client.socket.write(framed(token));
  return client.nextFrame();
}

/** The bytes after their length, as frames go. */
export function framed(bytes: string | Buffer): Buffer {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** The only message of PLAIN. */
export function plainToken({ username, password } = ALICE): string {
  return `\0${username}\0${password}`;
}

/** Begins SCRAM; returns the client and the server's first message. */
export async function beginScram(
  client: RawClient,
  mechanism: ScramMechanism,
  { username, password } = ALICE,
): Promise<{ readonly scram: ScramClient; readonly serverFirst: TokenAnswer }> {
  await handshake(client, mechanism);
  const scram = new ScramClient(mechanism, username, password);
  return { scram, serverFirst: await authenticate(client, scram.first()) };
}

/** Authenticates from the handshake to the end; returns the last answer. */
export async function logIn(
  client: RawClient,
  mechanism: Mechanism,
  who = ALICE,
): Promise<TokenAnswer> {
  if (mechanism === 'PLAIN') {
    await handshake(client, mechanism);
    return authenticate(client, plainToken(who));
  }
  const { scram, serverFirst } = await beginScram(client, mechanism, who);
  if (serverFirst.errorCode !== 0) return serverFirst;
  return authenticate(client, scram.last(serverFirst.authBytes).message);
}

/** `describe`, where there is a broker with SASL to test. */
export const withSasl = isWithoutSasl ? describe.skip : describe;

/** That broker for all tests of a file. @param use is handed it before the first test */
export function withSaslBroker(use: (started: BrokerUnderTest) => void): void {
  let broker: BrokerUnderTest | undefined;
  beforeAll(async () => {
    if (!isWithoutSasl) use((broker = await saslBrokerUnderTest()));
  });
  afterAll(() => broker?.stop());
}
