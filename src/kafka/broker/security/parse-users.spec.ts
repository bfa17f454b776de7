import * as fc from 'fast-check';
import { parseUsersFile, usersFrom } from './parse-users.js';
import { MalformedCredentials } from './security.errors.js';
import { peerFrom } from './testing/peer.js';

const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const STORED_KEY = 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=';
const SERVER_KEY = 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
const PENCIL = `SCRAM-SHA-256$4096:${SALT}$${STORED_KEY}:${SERVER_KEY}`;

const saltSecret = Buffer.alloc(32);
const open = peerFrom();
const parse = (text: string) => parseUsersFile(Buffer.from(text), saltSecret);

describe('a users file', () => {
  it('has a user a line, a password or a verifier after the first colon', async () => {
    const users = parse(
      `# people\n\nann:one\r\nbob: two: \nuser:${PENCIL}\nuser:other\ncarl:#1\n  \n#dora:four`,
    );
    const admitted = async (name: string, password: string): Promise<boolean> =>
      users.admits(name, password, open);
    expect(await admitted('ann', 'one')).toBe(true);
    expect(await admitted('bob', ' two: ')).toBe(true);
    expect(await admitted('carl', '#1')).toBe(true);
    expect(await admitted('user', 'other')).toBe(true);
    expect(await admitted('#dora', 'four')).toBe(false);
    const { salt, iterations } = users.scram('SCRAM-SHA-256', 'user');
    expect([salt.toString('base64'), iterations]).toEqual([SALT, 4096]);
  });

  it('may hold nobody', async () => {
    expect(await parse('').admits('ann', '', open)).toBe(false);
    const { salt, keys } = parse('').scram('SCRAM-SHA-256', 'ann');
    expect([salt.length, (await keys()).storedKey.length]).toEqual([16, 32]);
  });

  it.each([
    ['no colon', 'pass-phrase-of-ann', /^line 2: /],
    ['no name', ':secret', /^line 2: /],
    ['no password', 'ann:', /^line 2: /],
    ['a second password', 'first:secret', /^line 2: a second password/],
    ['too few iterations', `ann:${PENCIL.replace('4096', '4095')}`, /^line 2: /],
    ['too many iterations', `ann:${PENCIL.replace('4096', '4096000')}`, /^line 2: /],
    ['no salt', `ann:${PENCIL.replace(SALT, '')}`, /^line 2: /],
    ['a salt that is no base64', `ann:${PENCIL.replace(SALT, 'secret!')}`, /^line 2: /],
    ['a key that is too short', `ann:${PENCIL.replace(SERVER_KEY, 'c2VjcmV0')}`, /^line 2: /],
    ['keys of another length', `ann:${PENCIL.replace('256', '512')}`, /^line 2: /],
    ['an unknown mechanism', `ann:${PENCIL.replace('256', '1')}`, /^line 2: /],
    ['something after the keys', `ann:${PENCIL}:more`, /^line 2: /],
  ])('is refused with %s, and the line is told, not what is in it', (_case, line, message) => {
    const read = (): unknown => parse(`first:one\n${line}\nthird:three`);
    expect(read).toThrow(MalformedCredentials);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret|phrase|W22Z|WG5d/);
  });

  it('is refused with a second verifier of a mechanism', () => {
    expect(() => parse(`user:${PENCIL}\nuser:${PENCIL}`)).toThrow(
      new MalformedCredentials('line 2', 'a second SCRAM-SHA-256 verifier for this user'),
    );
  });

  it('is refused when it is not UTF-8', () => {
    expect(() => parseUsersFile(Buffer.from('616e6e3aff', 'hex'), saltSecret)).toThrow(
      MalformedCredentials,
    );
  });

  it('is read or refused, and nothing else, whatever is in it', () => {
    const lines = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('ann:one', PENCIL, `u:${PENCIL}`)),
    );
    fc.assert(
      fc.property(lines, (text) => {
        try {
          parse(text.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedCredentials);
        }
      }),
    );
  });
});

describe('users from memory', () => {
  it('are refused without their name when a secret is wrong', () => {
    const make = (): unknown => usersFrom({ ann: 'one', bob: '' }, saltSecret);
    expect(make).toThrow(new MalformedCredentials('user 2', 'the password is empty'));
  });
});
