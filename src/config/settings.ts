import type { ModuleName } from '../kafka/contracts/module-names.js';

/** How to reach Kafka. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Prefix of internal topics and groups (`millrace.`): two installations can share a cluster. */
  readonly prefix: string;
}

/** Everything the process was told, validated once at start. Nothing else reads the environment. */
export interface Settings {
  readonly http: { readonly host: string; readonly port: number };
  readonly modules: readonly ModuleName[];
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly dataDir: string;
  /** `mr_…`; may do everything. */
  readonly adminKey: string;
  /** 32 bytes; authenticates key records and internal requests, encrypts secrets. */
  readonly encryptionKey: Buffer;
  readonly databaseUrl: string;
  readonly kafka: KafkaSettings;
}

/** Nest injection token of the process's Settings. */
export const SETTINGS = Symbol('Settings');
