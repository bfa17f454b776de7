import { parseCommandLine, UnusableCommandLine } from './command-line.js';

describe('the command line of a broker', () => {
  it('has a port and a way to sync of its own where nothing is told', () => {
    expect(parseCommandLine(['--data-dir', 'd'])).toMatchObject({
      dataDir: 'd',
      port: 9092,
      fsync: 'always',
      defaultPartitions: 1,
      autoCreateTopics: true,
    });
  });

  it.each([
    [['--help'], 'help'],
    [['-h', '--data-dir', 'd'], 'help'],
    [['--version'], 'version'],
  ])('may ask: %j', (args, question) => {
    expect(parseCommandLine(args)).toBe(question);
  });

  it.each([
    [[], '--data-dir is missing'],
    [['--data-dir', 'd', '--sync', 'always'], "Unknown option '--sync'"],
    [['--data-dir', 'd', 'more'], "Unexpected argument 'more'"],
    [['--data-dir', 'd', '--port', '65536'], '--port is a whole number from 0 to 65535'],
    [['--data-dir', 'd', '--partitions', '1e3'], '--partitions is a whole number from 1 to 10000'],
  ])('may not be: %j', (args, words) => {
    expect(() => parseCommandLine(args)).toThrow(UnusableCommandLine);
    expect(() => parseCommandLine(args)).toThrow(words);
  });
});
