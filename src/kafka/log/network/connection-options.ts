import type { ConnectionOptions, SASLMechanismValue } from '@platformatic/kafka';

import type { BrokerAddress } from './broker-connection.js';

/** How to reach and to prove oneself to the brokers; the same shape as settings' `kafka`. */
export interface ClusterOptions {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Where an address that a broker gives for itself is really reached: tunnels, tests. */
  readonly reachedAt?: (advertised: BrokerAddress) => BrokerAddress;
}

const CONNECT_TIMEOUT_MS = 3_000;
const MAX_IN_FLIGHT = 1_000;
/** Every request brings its own, shorter time limit; this one only backs it up. */
const DRIVER_REQUEST_TIMEOUT_MS = 120_000;

/** The driver's options of every connection. */
export const connectionOptions = (options: ClusterOptions): ConnectionOptions => ({
  connectTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: DRIVER_REQUEST_TIMEOUT_MS,
  maxInflights: MAX_IN_FLIGHT,
  ...(options.ssl ? { tls: {}, tlsServerName: true } : {}),
  ...(options.sasl === undefined
    ? {}
    : {
        sasl: {
          mechanism: options.sasl.mechanism.toUpperCase() as SASLMechanismValue,
          username: options.sasl.username,
          password: options.sasl.password,
        },
      }),
});
