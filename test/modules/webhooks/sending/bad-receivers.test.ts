import { Latch } from '../../../../src/kafka/transport/latch.js';
import { misbehave, type Answer } from '../../../support/receiver.js';
import { SendingWorld } from './sending-world.js';

/** What a failed attempt reports, its duration aside. */
const failed = (code: string, more: object = {}) => ({
  outcome: 'failed',
  slowDown: false,
  error: expect.objectContaining({ code, message: expect.any(String) }),
  ...more,
});

describe('an attempt at a receiver', () => {
  let world: SendingWorld;
  beforeEach(async () => {
    world = await SendingWorld.start();
  });
  afterEach(() => world.stop());

  /** With time enough, so that only what the answer is decides; a short one is for silence. */
  const attempt = (answer: Answer, timeoutSeconds = 50) => {
    world.receiver.respond(() => answer);
    return world.send({ timeoutSeconds });
  };

  /** The next attempt succeeds, whatever became of the one before. */
  const expectNoHarm = async () => {
    world.receiver.respond(() => ({ status: 200 }));
    expect(await world.send()).toMatchObject({ outcome: 'delivered' });
  };

  it.each([200, 201, 202, 204, 299])('that answers %d is a success', async (status) => {
    expect(await attempt({ status })).toMatchObject({ outcome: 'delivered', status });
  });

  it.each([400, 401, 404, 500, 503])('that answers %d failed', async (status) => {
    const result = await attempt({ status, body: 'no "ä" for you' });
    expect(result).toMatchObject(failed('WEBHOOKS.STATUS'));
    expect(result).toMatchObject({ error: { status, answer: 'no "ä" for you' } });
    await expectNoHarm();
  });

  it.each([429, 502, 504])('that answers %d asks for less', async (status) => {
    expect(await attempt({ status })).toMatchObject({ outcome: 'failed', slowDown: true });
  });

  it('that says when to come again is heeded', async () => {
    const headers = { 'Retry-After': '7' };
    expect(await attempt({ status: 503, headers })).toMatchObject({ retryAfterMs: 7_000 });
    const at = new Date(Date.now() + 60_000).toUTCString();
    expect(await attempt({ status: 429, headers: { 'Retry-After': at } })).toMatchObject({
      retryAfterMs: expect.any(Number),
    });
  });

  it('that is gone for good says so by 410', async () => {
    expect(await attempt({ status: 410, body: 'bye' })).toMatchObject({
      outcome: 'gone',
      error: { code: 'WEBHOOKS.GONE', status: 410, answer: 'bye' },
    });
  });

  it.each([301, 302, 303, 307, 308])('that redirects by %d is not followed', async (status) => {
    const headers = { Location: `${world.receiver.url}/elsewhere` };
    const result = await attempt({ status, headers });
    expect(result).toMatchObject(failed('WEBHOOKS.STATUS'));
    expect(world.receiver.requests.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('that sends a few interim answers first is heard all the same', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3);
    const answer = misbehave.say(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`);
    expect(await attempt(answer)).toMatchObject({ outcome: 'delivered', status: 200 });
  });

  it('that shows bytes which are no text is quoted without them', async () => {
    const body = Buffer.from([0x61, 0, 0x1b, 0xff, 0x0a, 0xc3]);
    expect(await attempt({ status: 500, body })).toMatchObject({
      error: { answer: 'a\ufffd\ufffd\ufffd\n' },
    });
  });

  it.each([
    ['hangs', misbehave.hang(), 'WEBHOOKS.TIMEOUT_HEADERS'],
    ['sends interim answers without end', misbehave.endlessInterim(), 'WEBHOOKS.ANSWER_INVALID'],
    ['resets the connection', misbehave.reset(), 'WEBHOOKS.CONNECTION_FAILED'],
    ['hangs up', misbehave.hangUp(), 'WEBHOOKS.CONNECTION_FAILED'],
    ['resets amid a 200', misbehave.resetInBody(200), 'WEBHOOKS.CONNECTION_FAILED'],
    ['resets amid a 500', misbehave.resetInBody(500), 'WEBHOOKS.STATUS'],
    ['answers garbage', misbehave.say('SSH-2.0-OpenSSH_9.6\r\n'), 'WEBHOOKS.ANSWER_INVALID'],
    ['answers NULs', misbehave.say('\0'.repeat(100)), 'WEBHOOKS.ANSWER_INVALID'],
    ['sends headers without end', misbehave.endlessHeaders(), 'WEBHOOKS.ANSWER_INVALID'],
    [
      'changes the protocol',
      misbehave.say(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      ),
      'WEBHOOKS.ANSWER_INVALID',
    ],
    ['asks to continue', misbehave.say('HTTP/1.1 100 Continue\r\n\r\n'), 'WEBHOOKS.ANSWER_INVALID'],
    ['drips a 200', misbehave.drip(200), 'WEBHOOKS.TIMEOUT_BODY'],
    ['drips a 503', misbehave.drip(503), 'WEBHOOKS.STATUS'],
    [
      'gives two lengths',
      misbehave.say('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
      'WEBHOOKS.ANSWER_INVALID',
    ],
    ['answers without end and in vain', misbehave.endlessBody(500), 'WEBHOOKS.STATUS'],
  ])('that %s failed, and nothing more', async (what, answer, code) => {
    const result = await attempt(answer, /^(?:hangs$|drips)/.test(what) ? 1 : undefined);
    expect(result).toMatchObject(failed(code));
    await expectNoHarm();
  });

  it('that answers 200 without end is a success, and is not listened to any more', async () => {
    const closed = new Latch();
    const answered = attempt((socket) => {
      socket.once('close', () => closed.open());
      return misbehave.endlessBody(200)(socket);
    });
    expect(await answered).toMatchObject({ outcome: 'delivered', status: 200 });
    await closed.opened;
    await expectNoHarm();
  });

  it('that answers too long an error is quoted in part', async () => {
    expect(await attempt({ status: 500, body: 'x'.repeat(100_000) })).toMatchObject({
      error: { answer: 'x'.repeat(1_024) },
    });
  });

  it('that hangs does not delay another attempt', async () => {
    world.receiver.respond(({ path }) => (path === '/hangs' ? misbehave.hang() : { status: 200 }));
    const hanging = Array.from({ length: 100 }, () =>
      world.send({ url: `${world.receiver.url}/hangs` }),
    );
    await world.receiver.received(100);
    expect(await world.send()).toMatchObject({ outcome: 'delivered' });
    const results = await Promise.all(hanging);
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
  });

  it('that is not there failed', async () => {
    await world.receiver.close();
    expect(await world.send()).toMatchObject(failed('WEBHOOKS.CONNECTION_FAILED'));
  });

  it('that does not speak TLS failed, when the URL says https', async () => {
    const url = world.receiver.url.replace('http:', 'https:');
    expect(await world.send({ url })).toMatchObject(failed('WEBHOOKS.TLS_FAILED'));
  });

  it.each([
    ['its URL is none', { url: 'nowhere' }, 'WEBHOOKS.URL_INVALID'],
    ['its scheme is another', { url: 'ftp://example.com/' }, 'WEBHOOKS.URL_INVALID'],
  ])('is refused when %s', async (_, settings, code) => {
    expect(await world.send(settings)).toMatchObject({ outcome: 'refused', error: { code } });
  });
});
