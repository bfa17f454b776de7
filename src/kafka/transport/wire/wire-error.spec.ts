import { RequestTimedOut } from '../transport.errors.js';
import { parseErrorOnWire, toErrorOnWire } from './wire-error.js';

describe('errors on the wire', () => {
  it('keep code, kind, message and details', () => {
    const sent = toErrorOnWire(new RequestTimedOut('a.b.v1', 5));
    expect(parseErrorOnWire(JSON.stringify(sent))).toEqual(sent);
    expect(sent).toMatchObject({ code: 'TRANSPORT.REQUEST_TIMED_OUT', kind: 'unavailable' });
  });

  it('tell nothing of what nobody expected', () => {
    expect(toErrorOnWire(new TypeError('secret')).code).toBe('INTERNAL.UNEXPECTED');
    expect(JSON.stringify(toErrorOnWire(new TypeError('secret')))).not.toContain('secret');
  });

  it.each(['plain text', '"text"', 'null', '{"code":7}', '[]'])(
    'of a foreign service, like %s, become a message',
    (text) => {
      expect(parseErrorOnWire(text)).toMatchObject({ message: text, kind: 'internal' });
    },
  );
});
