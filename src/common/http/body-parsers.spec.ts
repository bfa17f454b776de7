import * as fc from 'fast-check';

import { JSON_TYPE, parseJsonBody } from './body-parsers.js';
import { ForbiddenKey } from './request-errors.js';

const parse = (text: string) => parseJsonBody(Buffer.from(text));

describe('JSON bodies', () => {
  it('are what JSON.parse makes of them', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        fc.pre(!/__proto__|constructor/.test(text));
        expect(parse(text)).toEqual(value);
      }),
    );
  });

  it.each([
    '{"__proto__":1}',
    '[{"a":{"\\u005F\\u005fproto__":{}}}]',
    '{"constructor":{"prototype":{}}}',
    '{"\\u0063onstructor":{"prototype":{}}}',
    '{"\\u0063\\u006f\\u006e\\u0073tructor":{"prototype":{}}}',
    '{"__pr\\u006fto__":1}',
  ])('are refused as %s', (text) => {
    expect(() => parse(text)).toThrow(ForbiddenKey);
  });

  it.each(['{"constructor":"ACME"}', '{"a":"__proto__"}', '{"prototype":{}}'])(
    'may be %s',
    (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    },
  );
});

describe('JSON content types', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/a.b-c+json;x=1'])(
    'include %s',
    (type) => {
      expect(JSON_TYPE.test(type)).toBe(true);
    },
  );

  it.each(['application/jsonp', 'text/json', 'application/jsonx+xml', 'xapplication/json'])(
    'do not include %s',
    (type) => {
      expect(JSON_TYPE.test(type)).toBe(false);
    },
  );
});
