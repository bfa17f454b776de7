import { Logger } from '@nestjs/common';
import { logLevel, type logCreator } from 'kafkajs';

/** Bounded retries would endanger an idempotent producer that lives on; RecordSender replaces it. */
const EXPECTED = 'Limiting retries for the idempotent producer';

/**
 * Sends kafkajs's log to the application's. Its errors become warnings: the transport repeats,
 * restarts and reports by itself, and what stays wrong is in /readyz.
 */
export const kafkaLogging: logCreator = () => {
  const logger = new Logger('Kafka');
  return ({ level, namespace, log }) => {
    if (log.message.startsWith(EXPECTED)) return;
    const line = `${namespace}: ${log.message}${log['error'] ? ` (${String(log['error'])})` : ''}`;
    if (level <= logLevel.WARN) logger.warn(line);
    else logger.debug(line);
  };
};
