import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { moduleNames, type ModuleName } from '../kafka/contracts/module-names.js';
import { parseEncryptionKey, adminKeyPattern } from './key-format.js';
import { loadKafkaSettings } from './load-kafka-settings.js';
import { logLevels, type RequestedSettings } from './settings.js';
import { SettingInvalid } from './start-refused.js';
import { warnOfUnknownVariables } from './unknown-variables.js';
import { Variables, type Environment } from './variables.js';

/** Every `MILLRACE_…` variable; docs/configuration.md describes each. */
const knownVariables = [
  'MILLRACE_HTTP_HOST',
  'MILLRACE_HTTP_PORT',
  'MILLRACE_DATA_DIR',
  'MILLRACE_MODULES',
  'MILLRACE_ADMIN_KEY',
  'MILLRACE_ENCRYPTION_KEY',
  'MILLRACE_LOG_LEVEL',
  'MILLRACE_WEBHOOK_ALLOW_CIDRS',
  'MILLRACE_KAFKA_PORT',
  'MILLRACE_KAFKA_PREFIX',
] as const;

function loadModules(variables: Variables): readonly ModuleName[] {
  const chosen = variables.list('MILLRACE_MODULES') ?? ['all'];
  if (chosen.length === 1 && chosen[0] === 'all') return moduleNames;
  const unknown = chosen.find((name) => !moduleNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw new SettingInvalid(
      'MILLRACE_MODULES',
      `must be "all" or some of ${moduleNames.join(', ')}, not "${unknown}"`,
    );
  }
  return moduleNames.filter((name) => chosen.includes(name));
}

function loadDatabaseUrl(variables: Variables): string | undefined {
  const value = variables.optional('DATABASE_URL');
  if (value === undefined) return undefined;
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol === 'postgres:' || protocol === 'postgresql:') return value;
  throw new SettingInvalid(
    'DATABASE_URL',
    'must be a URL like postgres://user:password@host:5432/database',
  );
}

function loadAdminKey(variables: Variables): string | undefined {
  const value = variables.optional('MILLRACE_ADMIN_KEY');
  if (value === undefined || adminKeyPattern.test(value)) return value;
  throw new SettingInvalid(
    'MILLRACE_ADMIN_KEY',
    'must be "mr_" and at least 20 letters, digits, "-" or "_" after it',
  );
}

function loadEncryptionKey(variables: Variables): Buffer | undefined {
  const value = variables.optional('MILLRACE_ENCRYPTION_KEY');
  if (value === undefined) return undefined;
  const key = parseEncryptionKey(value);
  if (key !== undefined) return key;
  throw new SettingInvalid(
    'MILLRACE_ENCRYPTION_KEY',
    'must be 32 bytes, as 64 hexadecimal digits or in base64',
  );
}

function isCidr(block: string): boolean {
  const [address = '', bits = '', ...rest] = block.split('/');
  const family = isIP(address);
  return (
    family !== 0 &&
    rest.length === 0 &&
    /^\d{1,3}$/.test(bits) &&
    Number(bits) <= (family === 4 ? 32 : 128)
  );
}

function loadAllowedCidrs(variables: Variables): readonly string[] {
  const name = 'MILLRACE_WEBHOOK_ALLOW_CIDRS';
  const blocks = variables.list(name) ?? [];
  const wrong = blocks.find((block) => !isCidr(block));
  if (wrong === undefined) return blocks;
  throw new SettingInvalid(name, `must be CIDR blocks like 10.0.0.0/8, not "${wrong}"`);
}

/**
 * Reads and checks all settings. Pure: touches neither files nor network, so keys, Postgres and
 * broker that are not named stay undefined, for the platform to make.
 * @throws SettingInvalid naming the first variable that is wrong
 */
export function loadSettings(env: Environment): {
  readonly settings: RequestedSettings;
  /** One line each, to be logged. */
  readonly warnings: readonly string[];
} {
  const variables = new Variables(env);
  const settings: RequestedSettings = {
    http: {
      host: variables.text('MILLRACE_HTTP_HOST', '127.0.0.1'),
      port: variables.port('MILLRACE_HTTP_PORT', 8080),
    },
    modules: loadModules(variables),
    logLevel: variables.oneOf('MILLRACE_LOG_LEVEL', logLevels) ?? 'info',
    dataDir: resolve(variables.text('MILLRACE_DATA_DIR', './.millrace')),
    adminKey: loadAdminKey(variables),
    encryptionKey: loadEncryptionKey(variables),
    databaseUrl: loadDatabaseUrl(variables),
    kafka: loadKafkaSettings(variables),
    webhookAllowCidrs: loadAllowedCidrs(variables),
  };
  return { settings, warnings: warnOfUnknownVariables(env, knownVariables) };
}
