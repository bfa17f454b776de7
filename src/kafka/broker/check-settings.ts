import { isUint8Array } from 'node:util/types';
import { MECHANISMS } from './security/mechanism.js';
import type { TlsSettings } from './security/tls.js';
import type { BrokerSettings } from './settings.js';
import type { FsyncMode } from './storage/log-types.js';
import { MAX_PARTITIONS } from './topics/topic-registry.js';

/** What a broker is to be started with names a setting that there is not, or a value it cannot take. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';

  /** @param setting by its path, such as `groups.maxBytes` */
  constructor(
    readonly setting: string,
    must: string,
  ) {
    super(`${setting} ${must}`);
  }
}

/** Throws InvalidSetting unless the value is one that the setting can take. */
type Check = (value: unknown, setting: string) => void;
type Checks<Name extends string> = Readonly<Record<Name, Check>>;

const FSYNC_MODES: readonly FsyncMode[] = ['never', 'interval', 'always'];
const MAX_INT = 2_147_483_647;

/** Without the value: it may be a secret. */
const mustBe =
  (what: string, accepts: (value: unknown) => boolean): Check =>
  (value, setting) => {
    if (!accepts(value)) throw new InvalidSetting(setting, `must be ${what}`);
  };

const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER): Check =>
  mustBe(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  );
/** Milliseconds that a timer can wait: with more, Node's goes off at once. */
const delay = (min: number): Check => wholeNumber(min, MAX_INT);
const flag = mustBe('true or false', (value) => typeof value === 'boolean');
const callback = mustBe('a function', (value) => typeof value === 'function');
const isText = (value: unknown): value is string => typeof value === 'string';
const text = mustBe('a text, and not empty', (value) => isText(value) && value !== '');
const pem = mustBe('PEM as text or bytes', (value) => isText(value) || isUint8Array(value));
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with some of these settings; what is undefined is not given. */
function some<Name extends string>(checks: Checks<Name>): Check {
  const known = new Map<string, Check>(Object.entries(checks));
  return (value, setting) => {
    mustBe('an object', isObject)(value, setting || 'what a broker is started with');
    for (const [name, given] of Object.entries(value as object)) {
      const path = setting === '' ? name : `${setting}.${name}`;
      const check = known.get(name);
      if (check === undefined) throw new InvalidSetting(path, 'is no setting');
      if (given !== undefined) check(given, path);
    }
  };
}

const topicDefaults: Check = (value, setting) => {
  mustBe('an object', isObject)(value, setting);
  for (const [name, given] of Object.entries(value as object)) {
    mustBe("a text, such as '60000'", isText)(given, `${setting}['${name}']`);
  }
};

const tls: Check = (value, setting) => {
  some<keyof TlsSettings>({ cert: pem, key: pem, clientCa: pem })(value, setting);
  const { cert, key } = value as Partial<TlsSettings>;
  pem(cert, `${setting}.cert`);
  pem(key, `${setting}.key`);
};

const sasl: Check = (value, setting) => {
  some({
    mechanisms: mustBe(
      `one or more of ${MECHANISMS.join(', ')}`,
      (names) =>
        Array.isArray(names) &&
        names.length > 0 &&
        names.every((name) => MECHANISMS.includes(name)),
    ),
    usersFile: text,
    users: mustBe(
      'an object with a text for each user, of which there is one at least',
      (users) =>
        isObject(users) && Object.keys(users).length > 0 && Object.values(users).every(isText),
    ),
  })(value, setting);
  const { users, usersFile } = value as { readonly users?: object; readonly usersFile?: string };
  if ((users === undefined) === (usersFile === undefined)) {
    throw new InvalidSetting(setting, 'must have either users or usersFile');
  }
};

const check = some<keyof BrokerSettings | 'port' | 'host' | 'advertisedHost'>({
  port: wholeNumber(0, 65_535),
  host: text,
  advertisedHost: text,
  dataDir: text,
  fsync: mustBe(`one of ${FSYNC_MODES.join(', ')}`, (mode) =>
    FSYNC_MODES.includes(mode as FsyncMode),
  ),
  autoCreateTopics: flag,
  defaultPartitions: wholeNumber(1, MAX_PARTITIONS),
  maxPartitions: wholeNumber(1),
  topicDefaults,
  maxFrameBytes: wholeNumber(1, MAX_INT),
  maxConnections: wholeNumber(1),
  maxAuthenticationMs: delay(1),
  idleMs: delay(1),
  cleanIntervalMs: delay(1),
  tailCacheBytes: wholeNumber(0),
  maxHeldBytes: wholeNumber(1),
  groups: some<keyof BrokerSettings['groups']>({
    initialRebalanceDelayMs: delay(0),
    minSessionTimeoutMs: delay(1),
    maxSessionTimeoutMs: delay(1),
    offsetsRetentionMs: wholeNumber(1),
    maxGroups: wholeNumber(1),
    maxMembers: wholeNumber(1),
    maxBytes: wholeNumber(1),
    maxOffsetBytes: wholeNumber(1),
  }),
  transactions: some<keyof BrokerSettings['transactions']>({
    maxTimeoutMs: delay(1),
    idExpirationMs: wholeNumber(1),
    maxIds: wholeNumber(1),
    maxBytes: wholeNumber(1),
    checkIntervalMs: delay(1),
  }),
  tls,
  sasl,
  onFailure: callback,
  onConnectionFailure: callback,
});

/**
 * Checks what a broker is to be started with, for those whom no compiler tells. Values of
 * `topicDefaults` beyond their type are `validateConfigs`' to check.
 * @throws InvalidSetting
 */
export function checkSettings(settings: object): void {
  check(settings, '');
}
