import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from './broker.js';
import { checkSettings } from './check-settings.js';
import { keptSaltSecret } from './security/salt-secret.js';
import { Sasl, type SaslSettings } from './security/sasl.js';
import { Server } from './server/server.js';
import { DEFAULT_SETTINGS, type BrokerSettings } from './settings.js';
import { validateConfigs } from './topics/config-values.js';

/** What can be chosen when a broker is started; everything has a default. */
export interface StartBrokerOptions extends Partial<
  Omit<BrokerSettings, 'groups' | 'transactions'>
> {
  /** Port to listen on; 0, the default, takes any free one. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Host that clients are told to connect to; by default the one listened on. */
  readonly advertisedHost?: string;
  /** Where to keep data. By default a new temporary directory, removed by stop(). */
  readonly dataDir?: string;
  readonly groups?: Partial<BrokerSettings['groups']>;
  readonly transactions?: Partial<BrokerSettings['transactions']>;
}

/** A broker that accepts clients. */
export interface RunningBroker {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Rises at each start on the same data directory. */
  readonly leaderEpoch: number;
  /** Runs retention and compaction now instead of at the next interval. */
  clean(): Promise<void>;
  /**
   * Ends all connections and closes the data directory.
   * @throws AggregateError: not all is on the disk, as where another broker has taken the directory
   */
  stop(): Promise<void>;
}

/**
 * Starts a single-node Kafka broker in this process.
 * @throws InvalidSetting, DataDirectoryInUse, DataDirectoryLost, HardLinksMissing, DamagedFile,
 * TopicKeptTwice, TopicMisplaced, KafkaError (an unknown topic default), UnusableUsersFile,
 * MalformedCredentials, UnusableCertificate, or the listener's error.
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<RunningBroker> {
  checkSettings(options);
  const { port = 0, host = '127.0.0.1', advertisedHost, groups, transactions, ...rest } = options;
  validateConfigs(options.topicDefaults ?? {});
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'kafka-broker-')));
  const removeTemporary = async (): Promise<void> => {
    if (temporary) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const broker = await Broker.open({
      ...DEFAULT_SETTINGS,
      ...given(rest),
      dataDir,
      groups: { ...DEFAULT_SETTINGS.groups, ...given(groups) },
      transactions: { ...DEFAULT_SETTINGS.transactions, ...given(transactions) },
    });
    const server = await listen(broker, host, port);
    broker.advertise(advertisedHost ?? reachable(host), server.port);
    return {
      host: broker.node.host,
      port: server.port,
      dataDir,
      leaderEpoch: broker.node.leaderEpoch,
      clean: () => broker.clean(),
      async stop() {
        try {
          await server.close();
          await broker.close();
        } finally {
          await removeTemporary();
        }
      },
    };
  } catch (error) {
    await removeTemporary();
    throw error;
  }
}

/** What was chosen: an option that is there, but undefined, is not. */
function given<T extends object>(options: T | undefined): Partial<T> {
  const chosen = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(chosen) as Partial<T>;
}

async function listen(broker: Broker, host: string, port: number): Promise<Server> {
  try {
    const server = await Server.listen(broker, await saslOf(broker), host, port);
    broker.lost.addEventListener('abort', () => void server.close());
    if (broker.lost.aborted) await server.close();
    broker.lost.throwIfAborted();
    return server;
  } catch (error) {
    // Why it cannot listen is what matters, whatever comes of closing.
    await broker.close().catch(broker.settings.onFailure);
    throw error;
  }
}

async function saslOf(broker: Broker): Promise<Sasl | undefined> {
  const { sasl, dataDir, onFailure } = broker.settings;
  if (sasl === undefined) return undefined;
  const settings = given(sasl) as SaslSettings;
  return Sasl.open(settings, await keptSaltSecret(dataDir), onFailure);
}

/** Clients cannot connect to the wildcard address. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
