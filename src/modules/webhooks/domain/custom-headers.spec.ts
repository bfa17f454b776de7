import {
  checkCustomHeaders,
  isReservedHeader,
  maxHeaderBytes,
  maxHeaders,
} from './custom-headers.js';
import { WebhookHeadersInvalid } from './webhooks.errors.js';

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'v']));

describe('the headers that a subscription adds', () => {
  it.each([
    [{}],
    [{ Authorization: 'Bearer a.b-c', 'X-Team': 'shop one\ttwo', cookie: 'a=b; c=d' }],
    [{ "!#$%&'*+-.^_`|~09aZ": 'Gr\u00fc\u00dfe' }],
    [numbered(maxHeaders)],
    [{ a: 'v'.repeat(maxHeaderBytes - 1) }],
  ])('may be %j', (headers) => {
    expect(() => checkCustomHeaders(headers)).not.toThrow();
  });

  it.each<[Record<string, string>, string]>([
    [{ '': 'v' }, 'name'],
    [{ 'a b': 'v' }, 'name'],
    [{ 'a:': 'v' }, 'name'],
    [{ 'a\r\nb': 'v' }, 'name'],
    [{ ä: 'v' }, 'name'],
    [{ a: 'v\r\nb: c' }, 'cannot carry'],
    [{ a: 'v\n' }, 'cannot carry'],
    [{ a: 'v\0' }, 'cannot carry'],
    [{ a: ' v' }, 'cannot carry'],
    [{ a: '\u20ac' }, 'cannot carry'],
    [{ a: 'v', A: 'w' }, 'twice'],
    [numbered(maxHeaders + 1), 'at most 32'],
    [{ a: 'v'.repeat(maxHeaderBytes) }, 'bytes'],
    [{ Host: 'internal' }, 'set by Millrace'],
  ])('cannot be %j', (headers, why) => {
    expect(() => checkCustomHeaders(headers)).toThrow(WebhookHeadersInvalid);
    expect(() => checkCustomHeaders(headers)).toThrow(why);
  });

  it.each([
    'Webhook-Id',
    'webhook-signature',
    'CE-ID',
    'Host',
    'Content-Length',
    'content-type',
    'Content-Encoding',
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Transfer-Encoding',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'User-Agent',
  ])('do not include %s', (name) => {
    expect(isReservedHeader(name)).toBe(true);
  });
});
