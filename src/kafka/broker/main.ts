import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SaslSettings } from './security/sasl.js';
import type { TlsSettings } from './security/tls.js';
import { ConnectionFailures } from './server/connection-failures.js';
import { startBroker } from './start-broker.js';
import type { FsyncMode } from './storage/log-types.js';

const FSYNC_MODES: readonly string[] = ['never', 'interval', 'always'];

const USAGE =
  'usage: broker --data-dir D [--port N] [--host H] [--advertised-host H] ' +
  '[--fsync never|interval|always] [--partitions N] [--no-auto-create] ' +
  '[--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]] [--sasl-users FILE]\n';

interface CommandLine {
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
  readonly advertisedHost: string | undefined;
  readonly fsync: FsyncMode;
  readonly defaultPartitions: number;
  readonly autoCreateTopics: boolean;
  readonly tls: TlsSettings | undefined;
  readonly sasl: SaslSettings | undefined;
}

/** Reads the command line. @throws Error that says what is wrong with it. */
function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string', default: '9092' },
      host: { type: 'string', default: '127.0.0.1' },
      'advertised-host': { type: 'string' },
      fsync: { type: 'string', default: 'always' },
      partitions: { type: 'string', default: '1' },
      'no-auto-create': { type: 'boolean', default: false },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      'tls-client-ca': { type: 'string' },
      'sasl-users': { type: 'string' },
    },
  });
  const dataDir = values['data-dir'];
  if (!dataDir) throw new Error('--data-dir is missing');
  if (!FSYNC_MODES.includes(values.fsync)) {
    throw new Error(`--fsync is one of ${FSYNC_MODES.join(', ')}`);
  }
  return {
    dataDir,
    port: wholeNumber('--port', values.port, 0, 65_535),
    host: values.host,
    advertisedHost: values['advertised-host'],
    fsync: values.fsync as FsyncMode,
    defaultPartitions: wholeNumber('--partitions', values.partitions, 1, 10_000),
    autoCreateTopics: !values['no-auto-create'],
    tls: tlsOf(values),
    sasl: values['sasl-users'] === undefined ? undefined : { usersFile: values['sasl-users'] },
  };
}

const TLS_FLAGS = ['tls-cert', 'tls-key', 'tls-client-ca'] as const;
type TlsFlag = (typeof TLS_FLAGS)[number];

/** Certificate and key go together; the client CA needs both. */
function tlsOf(files: Partial<Record<TlsFlag, string>>): TlsSettings | undefined {
  const given = TLS_FLAGS.find((flag) => files[flag] !== undefined);
  if (given === undefined) return undefined;
  const read = (flag: TlsFlag): Buffer => {
    const file = files[flag];
    if (file === undefined) throw new Error(`--${flag} is missing, which --${given} needs`);
    return readFileSync(file);
  };
  const pair = { cert: read('tls-cert'), key: read('tls-key') };
  return files['tls-client-ca'] === undefined ? pair : { ...pair, clientCa: read('tls-client-ca') };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new Error(`${name} is a whole number from ${min} to ${max}`);
}

/** Runs a broker until SIGTERM, SIGINT, or the end of the parent that watches it over IPC. */
async function main(): Promise<void> {
  // A start that waits for what never comes would else end with 0 and without a word.
  const stuck = (): never => fail(new Error('The start waits for something that never comes.'));
  process.once('beforeExit', stuck);
  const connections = new ConnectionFailures(tell);
  const broker = await startBroker({
    ...parseCommandLine(process.argv.slice(2)),
    onFailure: (error) => tell(String(error)),
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
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
  // Only now: whoever reads this may ask for the end at once.
  const { host, port, leaderEpoch } = broker;
  process.stdout.write(`${JSON.stringify({ listening: `${host}:${port}`, port, leaderEpoch })}\n`);
  process.send?.({ port });
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n${USAGE}`);
  process.exit(1);
}

main().catch(fail);
