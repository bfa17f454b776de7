import { mkdir, mkdtemp, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { MECHANISMS } from '../../src/kafka/broker/security/mechanism.js';
import {
  AuthenticationFailed,
  MalformedCredentials,
  NotAuthenticated,
  UnusableUsersFile,
} from '../../src/kafka/broker/security/security.errors.js';
import type { StartBrokerOptions } from '../../src/kafka/broker/start-broker.js';
import { eventually } from '../support/eventually.js';
import { startBrokerProcess } from './support/broker-process.js';
import { embeddedBroker, isForeign, type BrokerUnderTest } from './support/broker-under-test.js';
import { encodeRequest, RawClient } from './support/raw-client.js';
import { roundTrip } from './support/round-trip.js';
import {
  authenticate,
  beginScram,
  handshake,
  logIn,
  METADATA,
  plainToken,
} from './support/sasl.js';

/** Another broker has its users from elsewhere. */
const embedded = isForeign ? describe.skip : describe;
/** macOS has one only. */
const embeddedAtSeveralAddresses = process.platform === 'darwin' ? describe.skip : embedded;

const FAILED = 58;
/** Made from the password `pencil` (RFC 7677). */
const VERIFIER =
  'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
  'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
const ANN = { username: 'ann', password: 'one' };

let directory: string;
let file: string;
let broker: BrokerUnderTest | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sasl-users-'));
  file = join(directory, 'users');
});
afterEach(async () => {
  await broker?.stop();
  broker = undefined;
  await rm(directory, { recursive: true });
});

/** Starts a broker with these lines as its users file. */
async function start(lines: string, options: StartBrokerOptions = {}): Promise<BrokerUnderTest> {
  await writeFile(file, lines);
  broker = await embeddedBroker({ sasl: { usersFile: file }, ...options });
  return broker;
}

/** Logs in on a connection of its own; returns the error code. */
async function tryLogIn(...who: readonly [mechanism: (typeof MECHANISMS)[number], typeof ANN]) {
  const client = await RawClient.open(broker!);
  const { errorCode } = await logIn(client, ...who);
  client.close();
  return errorCode;
}

embedded('a users file', () => {
  it.each(MECHANISMS)('changes who may log in without a restart: %s', async (mechanism) => {
    await start('ann:one\n');
    const early = await RawClient.open(broker!);
    expect((await logIn(early, mechanism, ANN)).errorCode).toBe(0);
    await writeFile(file, 'ann:two\nbob:three\n');
    expect(await tryLogIn(mechanism, ANN)).toBe(FAILED);
    expect(await tryLogIn(mechanism, { username: 'ann', password: 'two' })).toBe(0);
    expect(await tryLogIn(mechanism, { username: 'bob', password: 'three' })).toBe(0);
    // Who is in stays in.
    expect(await early.request(METADATA, 7, { topics: [] })).toMatchObject({ topics: [] });
    early.close();
  });

  it('that becomes wrong leaves the former users, and is told of', async () => {
    const failures: unknown[] = [];
    await start('ann:one\n', { onFailure: (error) => failures.push(error) });
    await writeFile(file, 'ann\n');
    expect(await tryLogIn('PLAIN', ANN)).toBe(0);
    expect(failures).toEqual([expect.any(UnusableUsersFile)]);
  });

  it.each(['plain', 'scram-sha-256'] as const)('may hold verifiers: %s', async (mechanism) => {
    const { brokers } = await start(`user:${VERIFIER}\n`);
    const kafka = new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      sasl: { mechanism: mechanism as 'plain', username: 'user', password: 'pencil' },
    });
    expect(await roundTrip(kafka)).toBe('there and back');
    expect(await tryLogIn('PLAIN', { username: 'user', password: 'pen' })).toBe(FAILED);
  });

  it('does not show by SCRAM who is in it', async () => {
    await start(`user:${VERIFIER}\nann:one`);
    for (const username of ['user', 'ann', 'nobody']) {
      const client = await RawClient.open(broker!);
      const { serverFirst } = await beginScram(client, 'SCRAM-SHA-256', { ...ANN, username });
      expect(serverFirst.authBytes.toString()).toMatch(
        /^r=client-nonce[\w+/]{32},s=[\w+/]{22}==,i=4096$/,
      );
      client.close();
    }
  });

  it('does not show it by what a restart changes either', async () => {
    const dataDir = join(directory, 'data');
    const salts = async (): Promise<readonly string[]> => {
      await start(`user:${VERIFIER}\nann:one`, { dataDir });
      const found: string[] = [];
      for (const username of ['user', 'ann', 'nobody', 'nobody else', 'nobody']) {
        const client = await RawClient.open(broker!);
        const { serverFirst } = await beginScram(client, 'SCRAM-SHA-256', { ...ANN, username });
        found.push(/s=([^,]+)/.exec(serverFirst.authBytes.toString())![1]!);
        client.close();
      }
      await broker!.stop();
      broker = undefined;
      return found;
    };
    const before = await salts();
    expect(await salts()).toEqual(before);
    expect(new Set(before).size).toBe(4);
    expect(before[4]).toBe(before[2]);
    const { mode } = await stat(join(dataDir, 'sasl-salt-secret'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('that cannot be read lets nobody in, and closes the connection without an answer', async () => {
    await start('ann:one\n', { onFailure: () => undefined });
    await rm(file);
    await mkdir(file);
    await expect(tryLogIn('PLAIN', ANN)).rejects.toThrow('closed');
    await rmdir(file);
    await writeFile(file, 'ann:one\n');
    expect(await tryLogIn('PLAIN', ANN)).toBe(0);
  });

  it('must be right at the start', async () => {
    await expect(start('ann\n')).rejects.toThrow(UnusableUsersFile);
    const users = { ann: '' };
    await expect(embeddedBroker({ sasl: { users } })).rejects.toThrow(MalformedCredentials);
  });
});

embeddedAtSeveralAddresses('a users file with slow verifiers', () => {
  it('may be guessed at, while others log in from elsewhere', async () => {
    const nobodysKey = Buffer.alloc(32).toString('base64');
    const slow = `SCRAM-SHA-256$500000:W22ZaJ0SNY7soEsUEjb6gQ==$${nobodysKey}:${nobodysKey}`;
    const { host, port } = await start(`slow:${slow}\nuser:${VERIFIER}\n`);
    let guessed = 0;
    const guessers = await Promise.all(Array.from({ length: 30 }, () => RawClient.open(broker!)));
    for (const guesser of guessers) {
      await handshake(guesser, 'PLAIN');
      void authenticate(guesser, plainToken({ username: 'slow', password: 'guess' })).then(
        () => (guessed += 1),
        () => undefined,
      );
    }
    const user = RawClient.over(connect({ host, port, localAddress: '127.0.0.2' }));
    const { errorCode } = await logIn(user, 'PLAIN', { username: 'user', password: 'pencil' });
    expect(errorCode).toBe(0);
    expect(guessed).toBeLessThan(guessers.length / 2);
    for (const each of [user, ...guessers]) each.close();
  });
});

embedded('a broker with SASL', () => {
  it('offers no more than the mechanisms that it is told', async () => {
    await start('ann:one', { sasl: { usersFile: file, mechanisms: ['SCRAM-SHA-512'] } });
    const client = await RawClient.open(broker!);
    expect(await handshake(client, 'PLAIN')).toEqual({
      errorCode: 33,
      mechanisms: ['SCRAM-SHA-512'],
    });
    expect(await tryLogIn('SCRAM-SHA-512', ANN)).toBe(0);
    client.close();
  });

  it('tells why it has let a client go, even one that did not wait for it', async () => {
    const failures: unknown[] = [];
    const onConnectionFailure = (error: unknown): void => void failures.push(error);
    await start('ann:one', { onConnectionFailure });
    await tryLogIn('PLAIN', { username: 'ann', password: 'two' });
    const stranger = await RawClient.open(broker!);
    stranger.socket.write(encodeRequest(METADATA, 7, 1, { topics: [] }));
    await stranger.closed;
    const impatient = await RawClient.open(broker!);
    await handshake(impatient, 'PLAIN');
    impatient.send(36, 2, { authBytes: Buffer.from('garbage') });
    impatient.socket.end();
    await eventually(
      () => failures.length,
      (count) => count === 3,
    );
    expect(failures).toEqual([
      expect.any(AuthenticationFailed),
      expect.any(NotAuthenticated),
      expect.any(AuthenticationFailed),
    ]);
    expect(failures.join()).not.toContain('two');
  });

  it('ends while clients wait to hear that they have failed', async () => {
    await start('ann:one');
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.open(broker!)));
    for (const client of clients) {
      await handshake(client, 'PLAIN');
      client.send(36, 2, { authBytes: Buffer.from('garbage') });
    }
    await broker!.stop();
    broker = undefined;
    await expect(Promise.all(clients.map(({ closed }) => closed))).resolves.toHaveLength(3);
  });
});

embedded('the command line', () => {
  it('takes a users file', async () => {
    await writeFile(file, 'ann:one');
    const own = await startBrokerProcess(join(directory, 'data'), ['--sasl-users', file]);
    const client = await RawClient.open({ host: '127.0.0.1', port: own.port });
    expect((await logIn(client, 'SCRAM-SHA-256', ANN)).errorCode).toBe(0);
    client.close();
    expect(await own.terminate()).toBe(0);
  });

  it.each([
    ['is not there', undefined, /users file .*: ENOENT/],
    ['is wrong', 'ann', /users file .*: line 1: /],
  ])('is refused with a users file that %s', async (_case, lines, words) => {
    if (lines) await writeFile(file, lines);
    const started = startBrokerProcess(join(directory, 'data'), ['--sasl-users', file]);
    await expect(started).rejects.toThrow(words);
  });
});
