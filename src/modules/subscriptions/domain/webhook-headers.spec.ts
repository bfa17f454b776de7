import * as fc from 'fast-check';

import { MAX_HEADER_BYTES, MAX_HEADERS, requireHeaders } from './webhook-headers.js';

const refused = expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_HEADERS_INVALID' });

describe('the extra headers of a webhook', () => {
  it('are known by their lower-case names', () => {
    const given = { Authorization: 'Bearer abc', 'X-Team': 'a  b\tc' };
    expect(requireHeaders(given)).toEqual({ authorization: 'Bearer abc', 'x-team': 'a  b\tc' });
  });

  it.each([
    ['host'],
    ['Host'],
    ['content-length'],
    ['Content-Type'],
    ['content-encoding'],
    ['transfer-encoding'],
    ['connection'],
    ['keep-alive'],
    ['upgrade'],
    ['te'],
    ['trailer'],
    ['expect'],
    ['user-agent'],
    ['accept-encoding'],
    ['proxy-authorization'],
    ['webhook-id'],
    ['WEBHOOK-SIGNATURE'],
    ['webhook-anything'],
    ['ce-id'],
    ['Ce-Type'],
  ])('cannot be %s', (name) => {
    expect(() => requireHeaders({ [name]: 'x' })).toThrow(refused);
  });

  it.each([[''], ['a b'], ['a:b'], ['ä'], ['a\r\nb'], ['a\u0000'], ['a'.repeat(129)]])(
    'cannot be named %j',
    (name) => {
      expect(() => requireHeaders({ [name]: 'x' })).toThrow(refused);
    },
  );

  it.each([
    [''],
    [' x'],
    ['x '],
    ['x\r\ninjected: y'],
    ['x\ny'],
    ['x\u0000'],
    ['grün'],
    [1],
    [null],
    [true],
    [['x']],
    [{}],
  ])('cannot hold %j', (value) => {
    expect(() => requireHeaders({ 'x-a': value })).toThrow(refused);
  });

  it('cannot name one header twice', () => {
    expect(() => requireHeaders({ 'X-A': '1', 'x-a': '2' })).toThrow(refused);
  });

  it('are bounded in number and in bytes', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'v']));
    expect(Object.keys(requireHeaders(many(MAX_HEADERS)))).toHaveLength(MAX_HEADERS);
    expect(() => requireHeaders(many(MAX_HEADERS + 1))).toThrow(refused);
    const room = MAX_HEADER_BYTES - 'x-a'.length;
    expect(requireHeaders({ 'x-a': 'v'.repeat(room) })).toHaveProperty('x-a');
    expect(() => requireHeaders({ 'x-a': 'v'.repeat(room + 1) })).toThrow(refused);
  });

  it('do not tell a value that is refused', () => {
    expect(() => requireHeaders({ 'x-a': 'hunter2\n' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('are refused with a known error or accepted by HTTP clients, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.jsonValue())), (given) => {
        try {
          const headers = requireHeaders(given);
          expect(() => new Headers({ ...headers })).not.toThrow();
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
    );
  });
});
