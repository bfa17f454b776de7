import { ErrorCode } from '../protocol/error-codes.js';
import { Authentication } from './authentication.js';
import { Sasl } from './sasl.js';
import { AuthenticationFailed } from './security.errors.js';
import { peerFrom } from './testing/peer.js';

const open = peerFrom();
const RIGHT = Buffer.from('\0ann\0one');
const WRONG = Buffer.from('\0ann\0two');

async function begin(peer = open, failureDelayMs = 0): Promise<Authentication> {
  const sasl = await Sasl.open(
    { users: { ann: 'one' }, mechanisms: ['PLAIN'] },
    Buffer.alloc(32),
    () => undefined,
  );
  return new Authentication(sasl, peer, failureDelayMs);
}

describe('an authentication', () => {
  it('is complete from the start without SASL, which is not to be had then', async () => {
    const authentication = new Authentication(undefined, open);
    expect(authentication.stage).toBe('complete');
    const answers = [
      await authentication.handshake('PLAIN', false),
      await authentication.authenticate(RIGHT),
    ];
    const illegal = { errorCode: ErrorCode.ILLEGAL_SASL_STATE };
    expect(answers).toEqual([expect.objectContaining(illegal), expect.objectContaining(illegal)]);
    expect(authentication.stage).toBe('complete');
  });

  it('goes from a handshake over tokens to its end, and stays there', async () => {
    const authentication = await begin();
    expect(authentication.stage).toBe('handshake');
    expect(await authentication.handshake('PLAIN', true)).toEqual({
      errorCode: ErrorCode.NONE,
      mechanisms: ['PLAIN'],
    });
    expect([authentication.stage, authentication.expectsBareToken]).toEqual(['token', true]);
    expect((await authentication.authenticate(RIGHT)).errorCode).toBe(ErrorCode.NONE);
    expect([authentication.stage, authentication.expectsBareToken]).toEqual(['complete', false]);
    const again = await authentication.handshake('PLAIN', false);
    expect(again.errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE);
    expect((await authentication.authenticate(WRONG)).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE);
    expect(authentication.stage).toBe('complete');
  });

  it('has failed for good after a wrong token', async () => {
    const authentication = await begin();
    await authentication.handshake('PLAIN', false);
    const answer = await authentication.authenticate(WRONG);
    expect(answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED);
    expect(authentication.failure).toBeInstanceOf(AuthenticationFailed);
    expect((await authentication.authenticate(RIGHT)).errorCode).not.toBe(ErrorCode.NONE);
    expect(authentication.stage).toBe('failed');
  });

  it.each(['SCRAM-SHA-256', 'plain', ''])('has failed after a handshake for %j', async (name) => {
    const authentication = await begin();
    expect(await authentication.handshake(name, false)).toEqual({
      errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN'],
    });
    expect(authentication.stage).toBe('failed');
  });

  it('has failed after a second handshake', async () => {
    const authentication = await begin();
    await authentication.handshake('PLAIN', false);
    const answer = await authentication.handshake('PLAIN', false);
    expect(answer.errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE);
    expect(authentication.stage).toBe('failed');
  });

  it('takes its time over a wrong token', async () => {
    const authentication = await begin(open, 50);
    await authentication.handshake('PLAIN', false);
    const since = performance.now();
    await authentication.authenticate(WRONG);
    // A timer may fire a millisecond early by this clock.
    expect(performance.now() - since).toBeGreaterThan(48);
  });

  it('holds nothing back for a client that has gone', async () => {
    const connection = new AbortController();
    const authentication = await begin(peerFrom(undefined, connection.signal), 2 ** 31 - 1);
    await authentication.handshake('PLAIN', false);
    const answered = authentication.authenticate(WRONG);
    connection.abort();
    await answered;
    expect(authentication.stage).toBe('failed');
  });
});
