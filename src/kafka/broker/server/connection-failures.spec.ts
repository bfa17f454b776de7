import { ConnectionFailures } from './connection-failures.js';

describe('failures of connections', () => {
  it('are told once a second, each on one line, and those between are counted', () => {
    const lines: string[] = [];
    let now = 0;
    const failures = new ConnectionFailures(
      (line) => lines.push(line),
      () => now,
    );
    const fail = (message: string): void => failures.report(new Error(message), '/10.0.0.1');
    fail('one\nof two lines');
    now = 999;
    fail('two');
    fail('three');
    now = 1_000;
    fail('four');
    now = 2_000;
    fail('five');
    expect(lines).toEqual([
      'Closed the connection of /10.0.0.1: Error: one of two lines',
      'Closed the connection of /10.0.0.1: Error: four (and 2 more before)',
      'Closed the connection of /10.0.0.1: Error: five',
    ]);
  });
});
