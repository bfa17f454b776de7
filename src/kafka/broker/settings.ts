import type { SaslSettings } from './security/sasl.js';
import type { TlsSettings } from './security/tls.js';
import type { FsyncMode } from './storage/log-types.js';
import type { ConfigValues } from './topics/config-values.js';
import type { GroupLimits } from './groups/group-coordinator-options.js';
import type { TransactionLimits } from './transactions/transaction-coordinator.js';

/**
 * How a broker behaves. Defaults are Apache Kafka's, except where noted; the README has them all, with
 * Kafka's names. Kafka has no bound where memory, groups, partitions or ids have one here.
 */
export interface BrokerSettings {
  readonly dataDir: string;
  /** When an append counts as stored; see the README. */
  readonly fsync: FsyncMode;
  /** Whether asking for a topic's metadata may create it. */
  readonly autoCreateTopics: boolean;
  /** Partitions of topics created without a number. */
  readonly defaultPartitions: number;
  /** Partitions of all topics together; more are refused. */
  readonly maxPartitions: number;
  /** Values for topics that do not set a configuration themselves. */
  readonly topicDefaults: ConfigValues;
  /** Largest request in bytes; a longer one closes its connection. */
  readonly maxFrameBytes: number;
  /**
   * Kafka's `max.connections`; fewer where the process may not open enough handles. Beyond it who
   * waited longest without authenticating is let go, else who comes. Kafka has no bound.
   */
  readonly maxConnections: number;
  /** Time for a TLS handshake and authentication, in milliseconds. Kafka has no bound. */
  readonly maxAuthenticationMs: number;
  /** Connections without traffic are closed after so many milliseconds. */
  readonly idleMs: number;
  /** Time between runs of retention and compaction, in milliseconds. Kafka waits 5 minutes. */
  readonly cleanIntervalMs: number;
  /** Memory for the newest records of all partitions, which consumers at the end read. */
  readonly tailCacheBytes: number;
  /**
   * Bytes of requests that are not answered yet and of responses that are not sent yet, over all
   * connections; beyond it the connection that holds most is closed.
   */
  readonly maxHeldBytes: number;
  readonly groups: GroupLimits;
  readonly transactions: TransactionLimits & {
    /** Time between looks for transactions that take too long, in milliseconds. Kafka: 10 s. */
    readonly checkIntervalMs: number;
  };
  /** With it, clients connect over TLS and not otherwise. */
  readonly tls?: TlsSettings;
  /** With it, clients authenticate before anything else. */
  readonly sasl?: SaslSettings;
  /** Told about failures in the background (cleaning, keeping a group, a users file). */
  readonly onFailure: (error: unknown) => void;
  /** Told why a connection was closed by the broker. */
  readonly onConnectionFailure: (error: unknown, clientHost: string) => void;
}

/** What applies where nothing is told. */
export const DEFAULT_SETTINGS: Omit<BrokerSettings, 'dataDir'> = {
  fsync: 'never',
  autoCreateTopics: true,
  defaultPartitions: 1,
  maxPartitions: 50_000,
  topicDefaults: {},
  maxFrameBytes: 104_857_600,
  maxConnections: 20_000,
  maxAuthenticationMs: 30_000,
  idleMs: 600_000,
  cleanIntervalMs: 30_000,
  tailCacheBytes: 8_388_608,
  maxHeldBytes: 268_435_456,
  groups: {
    initialRebalanceDelayMs: 0,
    minSessionTimeoutMs: 6_000,
    maxSessionTimeoutMs: 1_800_000,
    offsetsRetentionMs: 604_800_000,
    maxGroups: 10_000,
    maxMembers: 1_000,
    maxBytes: 67_108_864,
    maxOffsetBytes: 201_326_592,
  },
  transactions: {
    maxTimeoutMs: 900_000,
    idExpirationMs: 604_800_000,
    maxIds: 10_000,
    maxBytes: 67_108_864,
    checkIntervalMs: 1_000,
  },
  onFailure: (error) =>
    process.emitWarning((error as Partial<Error> | null)?.stack ?? String(error)),
  onConnectionFailure: () => undefined,
};
