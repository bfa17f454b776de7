import * as fc from 'fast-check';
import type { ScramMechanism } from './mechanism.js';
import { usersFrom } from './parse-users.js';
import { ScramExchange } from './scram.js';
import { AuthenticationFailed } from './security.errors.js';
import { ScramClient, type ScramClientOptions } from './testing/scram-client.js';
import type { Users } from './users-file.js';

/** RFC 7677, section 3: user `user`, password `pencil`. */
const RFC_7677 = {
  verifier:
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
    'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverFirst:
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
    'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};

function usersOf(users: Readonly<Record<string, string>>): Users {
  const credentials = usersFrom(users, Buffer.alloc(32));
  return { current: () => Promise.resolve(credentials) };
}

const users = usersOf({
  ann: 'pass',
  'a,b=c': 'odd',
  user: RFC_7677.verifier,
});

/** Runs an exchange as this client would; resolves to the server's answer at the end. */
async function login(client: ScramClient, exchange: ScramExchange): Promise<unknown> {
  const { token, done } = await exchange.evaluate(client.first());
  expect(done).toBe(false);
  const { message, answer } = client.last(token);
  const step = await exchange.evaluate(message);
  expect(step.token.toString()).toBe(answer);
  return step.done;
}

describe('the server of SCRAM', () => {
  it('says what RFC 7677 has it say', async () => {
    const exchange = new ScramExchange('SCRAM-SHA-256', users, () => RFC_7677.serverNonce);
    const first = await exchange.evaluate(Buffer.from(RFC_7677.clientFirst));
    expect(first.token.toString()).toBe(RFC_7677.serverFirst);
    const final = await exchange.evaluate(Buffer.from(RFC_7677.clientFinal));
    expect(final).toEqual({ token: Buffer.from(RFC_7677.serverFinal), done: true });
  });

  it.each<[ScramMechanism, string, string, ScramClientOptions]>([
    ['SCRAM-SHA-256', 'ann', 'pass', {}],
    ['SCRAM-SHA-512', 'ann', 'pass', {}],
    ['SCRAM-SHA-256', 'user', 'pencil', {}],
    ['SCRAM-SHA-256', 'a,b=c', 'odd', {}],
    ['SCRAM-SHA-256', 'ann', 'pass', { gs2Header: 'y,,' }],
    ['SCRAM-SHA-256', 'ann', 'pass', { gs2Header: 'n,a=ann,' }],
    ['SCRAM-SHA-256', 'ann', 'pass', { extensions: ',t=true,x=1' }],
  ])('lets in who has the password: %s, %s, %s, %j', async (mechanism, name, password, options) => {
    const client = new ScramClient(mechanism, name, password, options);
    expect(await login(client, new ScramExchange(mechanism, users))).toBe(true);
  });

  it.each<[string, ScramMechanism, string, string]>([
    ['a wrong password', 'SCRAM-SHA-256', 'ann', 'pass2'],
    ['a password in another case', 'SCRAM-SHA-512', 'ann', 'Pass'],
    ['an unknown name', 'SCRAM-SHA-256', 'bob', 'pass'],
    ['a verifier of the other mechanism', 'SCRAM-SHA-512', 'user', 'pencil'],
  ])('turns away %s, at the end and without saying why', async (_case, mechanism, ...who) => {
    const client = new ScramClient(mechanism, ...who);
    const exchange = new ScramExchange(mechanism, users);
    const { token } = await exchange.evaluate(client.first());
    await expect(exchange.evaluate(client.last(token).message)).rejects.toThrow(
      new AuthenticationFailed('wrong user name or password'),
    );
  });

  it('tells nobody and somebody apart neither by salt nor by iterations', async () => {
    const looks = async (name: string): Promise<unknown> => {
      const begin = async (): Promise<string> => {
        const exchange = new ScramExchange('SCRAM-SHA-256', users, () => 'n');
        return (await exchange.evaluate(Buffer.from(`n,,n=${name},r=c`))).token.toString();
      };
      const [once, again] = [await begin(), await begin()];
      expect(again).toBe(once);
      const [, salt, iterations] = /s=([^,]+),i=(\d+)$/.exec(once)!;
      return { bytes: Buffer.from(salt!, 'base64').length, iterations };
    };
    const ordinary = { bytes: 16, iterations: '4096' };
    for (const name of ['ann', 'user', 'bob', 'carl']) expect(await looks(name)).toEqual(ordinary);
  });

  it('makes nobody look like one of the users there are', async () => {
    const verifier = RFC_7677.verifier
      .replace('$4096:', '$9999:')
      .replace('W22ZaJ0SNY7soEsUEjb6gQ==', Buffer.alloc(25, 1).toString('base64'));
    const exchange = new ScramExchange('SCRAM-SHA-256', usersOf({ user: verifier }), () => 'n');
    const { token } = await exchange.evaluate(Buffer.from('n,,n=nobody,r=c'));
    expect(token.toString()).toMatch(/^r=cn,s=[\w+/]{34}==,i=9999$/);
  });

  it.each([
    ['channel binding', 'p=tls-unique,,n=ann,r=c'],
    ['an extension that must be understood', 'n,,m=x,n=ann,r=c'],
    ['an authorization id of somebody else', 'n,a=bob,n=ann,r=c'],
    ['no name', 'n,,n=,r=c'],
    ['a name with a bare equals sign', 'n,,n=a=nn,r=c'],
    ['no nonce', 'n,,n=ann,r='],
    ['a nonce that is not printable', 'n,,n=ann,r=a\u0001b'],
    ['no gs2-header', 'n=ann,r=c'],
    ['a line break at the end', 'n,,n=ann,r=c\n'],
    ['nothing', ''],
    ['too much', `n,,n=${'a'.repeat(5000)},r=c`],
  ])('refuses a first message with %s', async (_case, message) => {
    const exchange = new ScramExchange('SCRAM-SHA-256', users);
    await expect(exchange.evaluate(Buffer.from(message))).rejects.toThrow(AuthenticationFailed);
  });

  it.each([
    ['another nonce', (message: string) => message.replace('r=client-nonce', 'r=client-nonc3')],
    ['only the own nonce', (message: string) => message.replace(/r=[^,]+/, 'r=client-nonce')],
    ['another gs2-header', (message: string) => message.replace('c=biws', 'c=eSws')],
    ['no proof', (message: string) => message.replace(/,p=.*/, '')],
    ['an empty proof', (message: string) => message.replace(/p=.*/, 'p=')],
    ['a short proof', (message: string) => message.replace(/p=.*/, 'p=AAAA')],
    ['a proof that is no base64', (message: string) => message.replace(/p=.*/, 'p=A=A=')],
    ['an extension that was not signed', (message: string) => message.replace(',p=', ',x=1,p=')],
  ])('refuses a last message with %s', async (_case, spoil) => {
    const client = new ScramClient('SCRAM-SHA-256', 'ann', 'pass');
    const exchange = new ScramExchange('SCRAM-SHA-256', users);
    const { token } = await exchange.evaluate(client.first());
    const { message } = client.last(token);
    await expect(exchange.evaluate(Buffer.from(spoil(message.toString())))).rejects.toThrow(
      AuthenticationFailed,
    );
  });

  it('lets nobody in whatever the proof is changed to', async () => {
    const proofs = fc.uint8Array({ minLength: 1, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(proofs, async (proof) => {
        const exchange = new ScramExchange('SCRAM-SHA-256', users, () => 'n');
        await exchange.evaluate(Buffer.from('n,,n=ann,r=c'));
        const message = `c=biws,r=cn,p=${Buffer.from(proof).toString('base64')}`;
        await expect(exchange.evaluate(Buffer.from(message))).rejects.toThrow(AuthenticationFailed);
      }),
      { numRuns: 50 },
    );
  });
});
