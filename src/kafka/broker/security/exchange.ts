/** What a mechanism makes of a client's token. */
export interface Step {
  /** For the client; empty where the mechanism has nothing to say. */
  readonly token: Buffer;
  /** The client is who it says it is. */
  readonly done: boolean;
}

/** One authentication by one mechanism, token by token. */
export interface Exchange {
  /**
   * @throws AuthenticationFailed, after which the exchange is over; anything else where nobody can
   * tell who the client is
   */
  evaluate(token: Buffer): Promise<Step>;
}
