import type { ModuleName } from '../kafka/contracts/module-names.js';

/** How much is logged; each level includes those before it. */
export const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of the log levels. */
export type LogLevel = (typeof logLevels)[number];

/** SASL mechanisms that Kafka clients here speak. */
export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Credentials for a Kafka cluster that asks for them. */
export interface SaslSettings {
  readonly mechanism: (typeof saslMechanisms)[number];
  readonly username: string;
  readonly password: string;
}

/** How to reach Kafka. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl?: SaslSettings;
  /** Prefix of internal topics and groups (`millrace.`): two installations can share a cluster. */
  readonly prefix: string;
}

/** Everything the process was told, validated once at start. Nothing else reads the environment. */
export interface Settings {
  readonly http: { readonly host: string; readonly port: number };
  readonly modules: readonly ModuleName[];
  readonly logLevel: LogLevel;
  /** Absolute path. */
  readonly dataDir: string;
  /** `mr_…`; may do everything. */
  readonly adminKey: string;
  /** 32 bytes; authenticates key records and internal requests, encrypts secrets. */
  readonly encryptionKey: Buffer;
  readonly databaseUrl: string;
  readonly kafka: KafkaSettings;
  /** Private networks that webhooks may reach all the same, as CIDR blocks. */
  readonly webhookAllowCidrs?: readonly string[];
}

/**
 * Settings as the environment states them, before the platform has made what is missing: keys of
 * the first start, an embedded Postgres, an embedded broker.
 */
export interface RequestedSettings extends Omit<
  Settings,
  'adminKey' | 'encryptionKey' | 'databaseUrl' | 'kafka'
> {
  readonly adminKey?: string;
  readonly encryptionKey?: Buffer;
  /** Undefined: an embedded Postgres. */
  readonly databaseUrl?: string;
  readonly kafka: Omit<KafkaSettings, 'brokers'> & {
    /** Undefined: an embedded broker. */
    readonly brokers?: readonly string[];
    /** Port of the embedded broker; 0 means any free one. */
    readonly embeddedPort: number;
  };
}

/** Nest injection token of the process's Settings. */
export const SETTINGS = Symbol('Settings');
