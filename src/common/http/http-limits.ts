/** Bounds that keep one client from holding the server up. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** Largest body, where a route does not set its own. */
  readonly bodyLimitBytes: number;
  /** Longest time from a connection's (or request's) start to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** Longest time until the whole request has arrived; then 408 and the connection is closed. */
  readonly requestTimeoutMs: number;
  /** How long a connection may idle between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** How often connections are looked at for the times above. */
  readonly checkIntervalMs: number;
}

/** Ten thousand connections that send nothing are gone after 20 s at most. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyLimitBytes: 1_048_576,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 5_000,
};
