import { mkdir } from 'node:fs/promises';
import { loadInstallationKeys } from '../config/key-files.js';
import type { RequestedSettings, Settings } from '../config/settings.js';
import { lockDataDir, type DataDirLock } from './data-dir-lock.js';
import { startEmbeddedBroker, type EmbeddedBroker } from './embedded-broker.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './postgres/embedded-postgres.js';
import type { PlatformLog } from './supervised-process.js';

/** What the application runs on, complete: keys, Postgres and Kafka, own or embedded. */
export interface Platform {
  readonly settings: Settings;
  /** True at the start that made the admin key: the only time it is shown. */
  readonly adminKeyCreated: boolean;
  /** Stops what was started here, broker first; to be called after the application has drained. */
  stop(): Promise<void>;
}

/** What has been started so far, to be stopped in reverse. */
interface Started {
  lock?: DataDirLock;
  postgres?: EmbeddedPostgres;
  broker?: EmbeddedBroker;
}

/** One part that cannot be stopped must not keep the others running. */
async function stopAll(started: Started): Promise<void> {
  const outcomes = await Promise.allSettled([started.broker?.stop(), started.postgres?.stop()]);
  await started.lock?.release();
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

const outcomeOf = <T>(outcome: PromiseSettledResult<T>): T => {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
};

async function databaseOf(
  { dataDir, databaseUrl }: RequestedSettings,
  started: Started,
  log: PlatformLog,
): Promise<string> {
  if (databaseUrl !== undefined) return databaseUrl;
  started.postgres = await startEmbeddedPostgres(dataDir, log);
  return started.postgres.url;
}

async function brokersOf(
  { dataDir, kafka }: RequestedSettings,
  started: Started,
  log: PlatformLog,
): Promise<readonly string[]> {
  if (kafka.brokers !== undefined) return kafka.brokers;
  started.broker = await startEmbeddedBroker({ dataDir, port: kafka.embeddedPort }, log);
  return [started.broker.address];
}

/** Both start at the same time; each is known to `started` once it runs. */
async function startServers(requested: RequestedSettings, started: Started, log: PlatformLog) {
  const { dataDir, databaseUrl, kafka } = requested;
  // Without embedded servers the directory holds keys only, which processes may share.
  if (databaseUrl === undefined || kafka.brokers === undefined) {
    started.lock = await lockDataDir(dataDir);
  }
  const [database, brokers] = await Promise.allSettled([
    databaseOf(requested, started, log),
    brokersOf(requested, started, log),
  ]);
  return { databaseUrl: outcomeOf(database), brokers: outcomeOf(brokers) };
}

/**
 * Makes what the settings leave open: keys at the first start, an embedded Postgres, an embedded
 * broker. With an embedded server it takes the data directory's lock.
 * @throws StartRefused when something cannot be had; nothing is left running then
 */
export async function startPlatform(
  requested: RequestedSettings,
  log: PlatformLog,
): Promise<Platform> {
  const started: Started = {};
  const { embeddedPort: _, ...kafka } = requested.kafka;
  try {
    await mkdir(requested.dataDir, { recursive: true, mode: 0o700 });
    const { databaseUrl, brokers } = await startServers(requested, started, log);
    const { adminKeyCreated, ...keys } = await loadInstallationKeys(requested.dataDir, requested);
    return {
      settings: { ...requested, ...keys, databaseUrl, kafka: { ...kafka, brokers } },
      adminKeyCreated,
      stop: () => stopAll(started),
    };
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}
