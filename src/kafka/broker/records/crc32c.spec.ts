import * as fc from 'fast-check';
import { crc32c, crc32cInScript } from './crc32c.js';

describe('CRC-32C', () => {
  it('has the check value of the standard, in script and in the addon', () => {
    expect(crc32cInScript(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('is the same in script and in the addon', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(crc32cInScript(data)).toBe(crc32c(data));
      }),
    );
  });

  it('goes on from that of bytes before', () => {
    const bytesOf = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytesOf, bytesOf, (before, data) => {
        const whole = crc32c(Buffer.concat([before, data]));
        expect(crc32c(data, crc32c(before))).toBe(whole);
        expect(crc32cInScript(data, crc32c(before))).toBe(whole);
      }),
    );
  });
});
