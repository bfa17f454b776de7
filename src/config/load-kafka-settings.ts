import { saslMechanisms, type RequestedSettings, type SaslSettings } from './settings.js';
import { SettingInvalid } from './start-refused.js';
import type { Variables } from './variables.js';

/** Internal names are Kafka topic names: the prefix keeps to their alphabet, and leaves room. */
const prefixPattern = /^[A-Za-z0-9._-]{1,100}$/;

/** `host`, `host:port` or `[v6]:port`. */
const brokerPattern = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/;

function brokerAddress(value: string): string {
  const match = brokerPattern.exec(value);
  const port = match?.[2] === undefined ? 9092 : Number(match[2]);
  if (match?.[1] !== undefined && port >= 1 && port <= 65_535) return `${match[1]}:${port}`;
  throw new SettingInvalid('KAFKA_BROKERS', `must be a list of host:port, not "${value}"`);
}

function loadSasl(variables: Variables): SaslSettings | undefined {
  const mechanism = variables.oneOf('KAFKA_SASL_MECHANISM', saslMechanisms);
  const username = variables.optional('KAFKA_SASL_USERNAME');
  const password = variables.optional('KAFKA_SASL_PASSWORD');
  if (mechanism === undefined && username === undefined && password === undefined) return undefined;
  const missing = 'must be set: KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD go together';
  if (mechanism === undefined) throw new SettingInvalid('KAFKA_SASL_MECHANISM', missing);
  if (username === undefined) throw new SettingInvalid('KAFKA_SASL_USERNAME', missing);
  if (password === undefined) throw new SettingInvalid('KAFKA_SASL_PASSWORD', missing);
  return { mechanism, username, password };
}

function loadPrefix(variables: Variables): string {
  const prefix = variables.text('MILLRACE_KAFKA_PREFIX', 'millrace.');
  if (prefixPattern.test(prefix)) return prefix;
  throw new SettingInvalid(
    'MILLRACE_KAFKA_PREFIX',
    `must be 1 to 100 letters, digits, ".", "_" or "-", not "${prefix}"`,
  );
}

/**
 * Reads the settings of Kafka, own or embedded.
 * @throws SettingInvalid naming the variable that is wrong
 */
export function loadKafkaSettings(variables: Variables): RequestedSettings['kafka'] {
  const brokers = variables.list('KAFKA_BROKERS')?.map(brokerAddress);
  const ssl = variables.flag('KAFKA_SSL');
  const sasl = loadSasl(variables);
  if (brokers === undefined && (ssl || sasl !== undefined)) {
    throw new SettingInvalid(
      ssl ? 'KAFKA_SSL' : 'KAFKA_SASL_MECHANISM',
      'is only for a Kafka named by KAFKA_BROKERS, which is not set',
    );
  }
  return {
    brokers,
    ssl,
    sasl,
    prefix: loadPrefix(variables),
    embeddedPort: variables.port('MILLRACE_KAFKA_PORT', 9092),
  };
}
