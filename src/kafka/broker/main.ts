import { readFileSync } from 'node:fs';
import { InvalidSetting } from './check-settings.js';
import { parseCommandLine, UnusableCommandLine, USAGE } from './command-line.js';
import { DataDirectoryLost } from './directory-lock.js';
import { ConnectionFailures } from './server/connection-failures.js';
import { startBroker } from './start-broker.js';

const PACKAGE = new URL('../../../package.json', import.meta.url);

/** Runs a broker until SIGTERM, SIGINT, or the end of the parent that watches it over IPC. */
async function main(): Promise<void> {
  goOnUnheard();
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine === 'help') return say(USAGE);
  if (commandLine === 'version') return say(`${versionOf(readFileSync(PACKAGE, 'utf8'))}\n`);
  // A start that waits for what never comes would else end with 0 and without a word.
  const stuck = (): never => fail(new Error('The start waits for something that never comes.'));
  process.once('beforeExit', stuck);
  const connections = new ConnectionFailures(tell);
  const broker = await startBroker({
    ...commandLine,
    // At once: whatever is still written would go into what is another broker's.
    onFailure: (error) => (error instanceof DataDirectoryLost ? fail(error) : tell(String(error))),
    onConnectionFailure: (error, clientHost) => connections.report(error, clientHost),
  });
  process.off('beforeExit', stuck);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    broker.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  // Not once: a second signal, such as one to the group and to this process, would end the stop.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  // Only now: whoever reads this may ask for the end at once.
  const { host, port, leaderEpoch } = broker;
  const listening = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  say(`${JSON.stringify({ listening, port, leaderEpoch })}\n`);
  // A parent that is gone by now is not there to be told, and no 'disconnect' is to come.
  const sent = (error: Error | null): void => (error ? stop() : undefined);
  process.send?.({ port }, undefined, undefined, sent);
}

/** Who reads what is written may be gone, or its disk full: no reason to end for others. */
function goOnUnheard(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}

const versionOf = (manifest: string): string =>
  (JSON.parse(manifest) as { readonly version: string }).version;

function say(text: string): void {
  process.stdout.write(text);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const isMisused = error instanceof UnusableCommandLine || error instanceof InvalidSetting;
  process.stderr.write(`${message}\n${isMisused ? USAGE : ''}`);
  process.exit(1);
}

main().catch(fail);
