import { parseHosts } from './hosts-file.js';

describe('a hosts file', () => {
  it('gives each name the addresses of all its lines', () => {
    const text = [
      '127.0.0.1\tlocalhost loopback # this machine',
      '# 10.0.0.9 commented.test',
      '',
      '  10.0.0.1   Db.Test db',
      'fd00::1 db.test db',
      '10.0.0.1 db.test',
      'nonsense name.test',
      '10.0.0.2',
    ].join('\r\n');
    expect(Object.fromEntries(parseHosts(text))).toEqual({
      localhost: ['127.0.0.1'],
      loopback: ['127.0.0.1'],
      'db.test': ['10.0.0.1', 'fd00::1'],
      db: ['10.0.0.1', 'fd00::1'],
    });
  });

  it('that is empty has no names', () => {
    expect(parseHosts('').size).toBe(0);
  });
});
