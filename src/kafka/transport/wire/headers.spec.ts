import * as fc from 'fast-check';
import { decodeHeaders, textHeaders } from './headers.js';

describe('headers', () => {
  it('stay the text that they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeHeaders({ name: Buffer.from(text) })).toEqual({ name: text });
      }),
      { examples: [['{"a":1}'], ['[1]'], ['{'], ['42'], ['true'], ['']] },
    );
  });

  it('count by their last value when repeated', () => {
    expect(decodeHeaders({ a: ['1', Buffer.from('2')], b: undefined })).toEqual({ a: '2' });
    const repeated = ['1', '2'].map((value) => ({ name: 'a', value: Buffer.from(value) }));
    expect(textHeaders(repeated)).toEqual({ a: '2' });
  });
});
