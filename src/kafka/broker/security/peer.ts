/** Who wants to log in, as far as the broker knows from the connection alone. */
export interface Peer {
  /** The address it comes from. */
  readonly host: string;
  /** Aborted when it is gone. */
  readonly closed: AbortSignal;
}
