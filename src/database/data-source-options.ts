import type { DataSourceOptions, MigrationInterface, ObjectLiteral } from 'typeorm';
import type { ModuleName } from '../kafka/contracts/module-names.js';
import { DatabaseLogger } from './database-logger.js';
import { TimelyClient } from './timely-client.js';

/** A migration class; its name ends in its time in Unix milliseconds (13 digits). */
export type MigrationClass = new () => MigrationInterface;

/** A class decorated with TypeORM's `@Entity`. */
export type EntityClass = new () => ObjectLiteral;

/** What a module keeps in its schema. */
export interface ModuleSchema {
  /** Names the data source and the schema. Tests use names of their own. */
  readonly module: ModuleName | (string & {});
  readonly entities: readonly EntityClass[];
  /** Classes, in any order; their SQL names tables without a schema. */
  readonly migrations: readonly MigrationClass[];
}

const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** For a server that froze: longer than its own limit, which gives the better error. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
/** A module handles few database requests at a time: six modules share max_connections of 100. */
const POOL_SIZE = 5;

/**
 * Takes `?options=` out of the URL and adds the schema's search path to it: as part of the URL it
 * would overrule the options given beside it.
 */
function withSearchPath(databaseUrl: string, schema: string): { url: string; options: string } {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  return { url: url.toString(), options: `${given} -c search_path=${schema}`.trim() };
}

function connection(databaseUrl: string, module: string, limits: Record<string, unknown>) {
  const { url, options } = withSearchPath(databaseUrl, module);
  return {
    type: 'postgres',
    url,
    schema: module,
    applicationName: `millrace-${module}`,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    logger: new DatabaseLogger(module),
    logging: false,
    extra: { options, keepAlive: true, ...limits },
  } as const;
}

/**
 * Options of a module's own data source. Every connection has the module's schema, and only that,
 * in its search path. All waiting is bounded: 2 s for a connection, 10 s for a statement.
 */
export function dataSourceOptions(
  databaseUrl: string,
  schema: ModuleSchema,
  onConnectionLost: (error: Error) => void,
): DataSourceOptions {
  return {
    ...connection(databaseUrl, schema.module, {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      Client: TimelyClient,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
    }),
    poolSize: POOL_SIZE,
    entities: [...schema.entities],
    poolErrorHandler: onConnectionLost,
  };
}

/** Options for migrating: one connection, and statements that may take as long as they need. */
export function migrationOptions(databaseUrl: string, schema: ModuleSchema): DataSourceOptions {
  return {
    ...connection(databaseUrl, schema.module, {}),
    poolSize: 1,
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
  };
}
