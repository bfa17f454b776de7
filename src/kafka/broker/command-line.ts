import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SaslSettings } from './security/sasl.js';
import type { TlsSettings } from './security/tls.js';
import type { FsyncMode } from './storage/log-types.js';
import { MAX_PARTITIONS } from './topics/topic-registry.js';

/** For whoever asks, or got it wrong. */
export const USAGE =
  'usage: millrace-broker --data-dir D [--port N] [--host H] [--advertised-host H] ' +
  '[--fsync never|interval|always] [--partitions N] [--no-auto-create] ' +
  '[--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]] [--sasl-users FILE]\n' +
  '       millrace-broker --help | --version\n';

const OPTIONS = {
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
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** The command line is not as the usage says. */
export class UnusableCommandLine extends Error {
  override readonly name = 'UnusableCommandLine';
}

/** What a broker's process is told to do. */
export interface CommandLine {
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

/** Reads the command line. @throws UnusableCommandLine, or why a file cannot be read. */
export function parseCommandLine(args: readonly string[]): CommandLine | 'help' | 'version' {
  const values = valuesOf(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const dataDir = values['data-dir'];
  if (!dataDir) throw new UnusableCommandLine('--data-dir is missing');
  return {
    dataDir,
    port: wholeNumber('--port', values.port, 0, 65_535),
    host: values.host,
    advertisedHost: values['advertised-host'],
    // Whether it is one, `startBroker` finds out.
    fsync: values.fsync as FsyncMode,
    defaultPartitions: wholeNumber('--partitions', values.partitions, 1, MAX_PARTITIONS),
    autoCreateTopics: !values['no-auto-create'],
    tls: tlsOf(values),
    sasl: values['sasl-users'] === undefined ? undefined : { usersFile: values['sasl-users'] },
  };
}

const valuesOf = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UnusableCommandLine((error as Error).message, { cause: error });
  }
};

const TLS_FLAGS = ['tls-cert', 'tls-key', 'tls-client-ca'] as const;
type TlsFlag = (typeof TLS_FLAGS)[number];

/** Certificate and key go together; the client CA needs both. */
function tlsOf(files: Partial<Record<TlsFlag, string>>): TlsSettings | undefined {
  const given = TLS_FLAGS.find((flag) => files[flag] !== undefined);
  if (given === undefined) return undefined;
  const read = (flag: TlsFlag): Buffer => {
    const file = files[flag];
    if (file === undefined)
      throw new UnusableCommandLine(`--${flag} is missing, which --${given} needs`);
    return readFileSync(file);
  };
  const pair = { cert: read('tls-cert'), key: read('tls-key') };
  return files['tls-client-ca'] === undefined ? pair : { ...pair, clientCa: read('tls-client-ca') };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UnusableCommandLine(`${name} is a whole number from ${min} to ${max}`);
}
