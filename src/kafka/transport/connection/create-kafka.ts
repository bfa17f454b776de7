import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaSettings } from '../../../config/settings.js';
import { dropTimerWarnings } from './harmless-warnings.js';
import { kafkaLogging } from './kafka-logging.js';

dropTimerWarnings();

function saslOptions(sasl: NonNullable<KafkaSettings['sasl']>): SASLOptions {
  const { mechanism, username, password } = sasl;
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

/**
 * Nest's Kafka client library, set up for messages between modules: short waits, few repetitions
 * inside the client, because the transport repeats with its own back-off and says so in /readyz.
 */
export const createKafka = (settings: KafkaSettings): Kafka =>
  new Kafka({
    clientId: `${settings.prefix}transport`,
    brokers: [...settings.brokers],
    ssl: settings.ssl,
    sasl: settings.sasl && saslOptions(settings.sasl),
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 4 },
    logLevel: logLevel.WARN,
    logCreator: kafkaLogging,
  });
