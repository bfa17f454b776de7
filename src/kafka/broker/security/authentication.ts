import { ErrorCode } from '../protocol/error-codes.js';
import type { Exchange } from './exchange.js';
import type { Peer } from './peer.js';
import type { Sasl } from './sasl.js';
import { AuthenticationFailed } from './security.errors.js';

/**
 * Milliseconds from a token to the answer that it is wrong: Kafka's
 * `connection.failed.authentication.delay.ms`. Counted from the token's arrival, so that the time
 * does not tell what was compared.
 */
const FAILURE_DELAY_MS = 100;

/** Answer to SaslHandshake. */
export interface HandshakeAnswer {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

/** Answer to a token. */
export interface TokenAnswer {
  readonly errorCode: number;
  /** Empty, not null, where there is no error: as Kafka has it. */
  readonly errorMessage: string;
  readonly authBytes: Buffer;
}

/** How far a client has come; `token`: a mechanism is chosen, its tokens are due. */
export type Stage = 'handshake' | 'token' | 'complete' | 'failed';

const NOTHING = Buffer.alloc(0);

/** What one connection has shown of who it is. Without SASL everybody is welcome from the start. */
export class Authentication {
  private exchange: Exchange | undefined;
  private reached: Stage;
  private bareTokens = false;
  private failed: AuthenticationFailed | undefined;

  /** @param failureDelayMs see above */
  constructor(
    private readonly sasl: Sasl | undefined,
    private readonly peer: Peer,
    private readonly failureDelayMs = FAILURE_DELAY_MS,
  ) {
    this.reached = sasl ? 'handshake' : 'complete';
  }

  get stage(): Stage {
    return this.reached;
  }

  /** The next frame is a token alone, without a request around it: after SaslHandshake 0. */
  get expectsBareToken(): boolean {
    return this.bareTokens && this.reached === 'token';
  }

  /** Why the client is to be sent away once it has its answer. */
  get failure(): AuthenticationFailed | undefined {
    return this.failed;
  }

  /** Chooses a mechanism. @param bareTokens whether tokens will come without requests around */
  async handshake(mechanism: string, bareTokens: boolean): Promise<HandshakeAnswer> {
    const since = performance.now();
    if (!this.sasl || this.reached === 'complete') {
      return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
    }
    if (this.reached !== 'handshake') {
      await this.fail(new AuthenticationFailed('a second handshake'), since);
      return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
    }
    const { mechanisms } = this.sasl;
    this.exchange = this.sasl.begin(mechanism, this.peer);
    if (!this.exchange) {
      await this.fail(new AuthenticationFailed('a mechanism that is not offered'), since);
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    }
    this.bareTokens = bareTokens;
    this.reached = 'token';
    return { errorCode: ErrorCode.NONE, mechanisms };
  }

  /** Takes the client's next token. */
  async authenticate(token: Buffer): Promise<TokenAnswer> {
    const since = performance.now();
    if (!this.exchange || this.reached !== 'token') {
      const errorMessage = 'no token is due on this connection';
      return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, errorMessage, authBytes: NOTHING };
    }
    try {
      const step = await this.exchange.evaluate(token);
      if (step.done) this.reached = 'complete';
      return { errorCode: ErrorCode.NONE, errorMessage: '', authBytes: step.token };
    } catch (error) {
      if (!(error instanceof AuthenticationFailed)) throw error;
      await this.fail(error, since);
      const errorCode = ErrorCode.SASL_AUTHENTICATION_FAILED;
      return { errorCode, errorMessage: error.message, authBytes: NOTHING };
    }
  }

  private async fail(error: AuthenticationFailed, since: number): Promise<void> {
    this.reached = 'failed';
    this.failed = error;
    await waitUnlessClosed(this.peer.closed, since + this.failureDelayMs - performance.now());
  }
}

/** Resolves after so many milliseconds, or as soon as the connection is gone. */
function waitUnlessClosed(closed: AbortSignal, ms: number): Promise<void> {
  if (closed.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      closed.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    closed.addEventListener('abort', end);
  });
}
