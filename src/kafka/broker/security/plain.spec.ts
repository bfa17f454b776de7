import { usersFrom } from './parse-users.js';
import { PlainExchange } from './plain.js';
import { AuthenticationFailed } from './security.errors.js';
import { peerFrom } from './testing/peer.js';

const credentials = usersFrom(
  {
    ann: 'pass:word ü',
    // RFC 7677's: the password is `pencil`.
    user:
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
      'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  },
  Buffer.alloc(32),
);

const open = peerFrom();

function evaluate(message: string | Buffer): Promise<unknown> {
  const exchange = new PlainExchange({ current: () => Promise.resolve(credentials) }, open);
  return exchange.evaluate(Buffer.from(message));
}

describe('the server of PLAIN', () => {
  it.each([
    ['a password', '\0ann\0pass:word ü'],
    ['their name as authorization id', 'ann\0ann\0pass:word ü'],
    ['the password of a verifier', '\0user\0pencil'],
  ])('lets in who comes with %s', async (_case, message) => {
    expect(await evaluate(message)).toEqual({ token: Buffer.alloc(0), done: true });
  });

  it.each([
    ['a wrong password', '\0ann\0pass'],
    ['a wrong password for a verifier', '\0user\0pencil2'],
    ['the verifier itself', '\0user\0SCRAM-SHA-256$4096'],
    ['an unknown name', '\0bob\0pass:word ü'],
    ['a name from the prototype of objects', '\0constructor\0x'],
  ])('turns away %s, without saying why', async (_case, message) => {
    const failure = new AuthenticationFailed('wrong user name or password');
    await expect(evaluate(message)).rejects.toThrow(failure);
  });

  it.each([
    ['nothing', ''],
    ['one part', 'ann'],
    ['two parts', 'ann\0pass:word ü'],
    ['four parts', '\0ann\0pass:word ü\0'],
    ['no name', '\0\0pass:word ü'],
    ['no password', '\0ann\0'],
    ['bytes that are no text', Buffer.from('00ff00fe00', 'hex')],
    ['more than anybody has', `\0ann\0${'p'.repeat(5_000)}`],
    ['an authorization id of somebody else', 'user\0ann\0pass:word ü'],
  ])('refuses %s', async (_case, message) => {
    await expect(evaluate(message)).rejects.toThrow(AuthenticationFailed);
  });
});
