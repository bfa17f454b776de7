import { AddressGuard } from '../../../../src/common/net/address-guard.js';
import type { LookUp } from '../../../../src/common/net/name-resolver.js';
import { WebhookSender } from '../../../../src/modules/webhooks/sending/webhook-sender.js';
import { Receiver } from '../../../support/receiver.js';
import { event, recordedAtMs, targetAt } from './sending-world.js';

const forbidden = { outcome: 'refused', error: { code: 'WEBHOOKS.ADDRESS_FORBIDDEN' } };
const delivered = { outcome: 'delivered' };

/** A resolver that gives these answers one after the other, then the last one again and again. */
const resolver = (...answers: readonly (readonly string[])[]) => {
  const asked: string[] = [];
  const lookUp: LookUp = async (name) => {
    asked.push(name);
    const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    return addresses.map((address) => ({ address }));
  };
  return { asked, lookUp };
};

describe('a webhook to an address that may not be reached', () => {
  let receiver: Receiver;
  let sender: WebhookSender;
  beforeEach(async () => {
    receiver = await Receiver.listen();
  });
  afterEach(async () => {
    await sender.close();
    await receiver.close();
  });

  const send = (guard: AddressGuard, host: string, scheme = 'http') => {
    sender = new WebhookSender(guard);
    const target = targetAt(`${scheme}://${host}:${receiver.port}/hook`);
    return sender.send({ target, messageId: 'msg_1', event, recordedAtMs });
  };

  it.each([
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0x0.0x0.0x1',
    '0177.0.0.1',
    '017700000001',
    '%31%32%37.0.0.1',
    '１２７.０.０.１',
    '①②⑦。⓪。⓪。①',
    '0',
    '0.0.0.0',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::FFFF:7F00:1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    'localhost',
    'LOCALHOST',
  ])('is refused for %s, and nobody is connected to', async (host) => {
    expect(await send(new AddressGuard(), host)).toMatchObject(forbidden);
    expect(receiver.connections).toBe(0);
  });

  it('is refused over TLS too', async () => {
    expect(await send(new AddressGuard(), '127.1', 'https')).toMatchObject(forbidden);
    expect(receiver.connections).toBe(0);
  });

  it('is refused for a name that resolves to it, without telling the address', async () => {
    const { lookUp } = resolver(['127.0.0.1']);
    const result = await send(new AddressGuard([], lookUp), 'hooks.test');
    expect(result).toMatchObject(forbidden);
    expect(JSON.stringify(result)).toContain('hooks.test');
    expect(JSON.stringify(result)).not.toContain('127.0.0.1');
    expect(receiver.connections).toBe(0);
  });

  it('is refused when the name resolved to a public address before (rebinding)', async () => {
    const { lookUp, asked } = resolver(['93.184.216.34'], ['127.0.0.1']);
    const guard = new AddressGuard([], lookUp);
    expect(await guard.resolve('hooks.test')).toMatchObject([{ permitted: true }]);
    expect(await send(guard, 'hooks.test')).toMatchObject(forbidden);
    expect(asked).toEqual(['hooks.test', 'hooks.test']);
    expect(receiver.connections).toBe(0);
  });

  it('connects to the address that was judged, though the name resolves anew each time', async () => {
    const { lookUp, asked } = resolver(['127.0.0.1'], ['169.254.169.254']);
    const guard = new AddressGuard(['127.0.0.1/32'], lookUp);
    expect(await send(guard, 'hooks.test')).toMatchObject(delivered);
    expect(asked).toEqual(['hooks.test']);
    expect(receiver.requests[0]?.headers.host).toBe(`hooks.test:${receiver.port}`);
  });

  it.each([
    [['10.9.9.9', '127.0.0.1']],
    [['127.0.0.1', '10.9.9.9']],
    [['::1', '127.0.0.1', 'fd00::1']],
  ])('goes to the permitted one of %j only', async (addresses) => {
    const guard = new AddressGuard(['127.0.0.1/32'], resolver(addresses).lookUp);
    expect(await send(guard, 'hooks.test')).toMatchObject(delivered);
  });

  it.each([[['127.0.0.1', '192.0.2.1']], [['192.0.2.1', '127.0.0.1']]])(
    'does not go to the forbidden one of %j, even when the other one cannot be reached',
    async (addresses) => {
      const guard = new AddressGuard(['192.0.2.1/32'], resolver(addresses).lookUp);
      expect(await send(guard, 'hooks.test')).toMatchObject({ outcome: 'failed' });
      expect(receiver.connections).toBe(0);
    },
  );

  it('is not followed to by a redirect', async () => {
    receiver.respond(() => ({
      status: 307,
      headers: { Location: 'http://169.254.169.254/latest/meta-data/' },
    }));
    const { lookUp, asked } = resolver(['127.0.0.1']);
    const result = await send(new AddressGuard(['127.0.0.1/32'], lookUp), 'hooks.test');
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'WEBHOOKS.STATUS' } });
    expect(asked).toEqual(['hooks.test']);
    expect(receiver.requests).toHaveLength(1);
  });

  it.each(['127.0.0.1', '[::ffff:127.0.0.1]'])(
    'is delivered to %s when the operator allows its network',
    async (host) => {
      expect(await send(new AddressGuard(['127.0.0.0/8']), host)).toMatchObject(delivered);
    },
  );
});
