import {
  Connection,
  type Callback,
  type Reader,
  type ConnectionOptions,
} from '@platformatic/kafka';

import { LogUnavailable } from '../log.errors.js';
import type { WireApi } from './wire-api.js';

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** One of the driver's ready-made protocol calls, its arguments bound. */
export type DriverCall<Answer> = (connection: Connection, done: Callback<Answer>) => void;

/** The driver rejects answers that carry error codes; the answer itself hangs on the error. */
const answerInside = (error: Error): unknown =>
  'response' in error && error.response !== undefined && error.response !== null
    ? error.response
    : undefined;

const unavailable = (what: string, cause?: unknown): LogUnavailable =>
  new LogUnavailable(what, {}, { cause });

/**
 * One TCP connection to one broker, opened when needed and again after a loss. Requests that were
 * under way when it broke, or were not answered in time, fail with LogUnavailable: whether Kafka
 * did them is unknown. After a time-out the connection is dropped, so no late answer is misread.
 */
export class BrokerConnection {
  private current: Connection | undefined;
  private opening: Promise<Connection> | undefined;
  private closed = false;

  constructor(
    readonly address: BrokerAddress,
    private readonly clientId: string,
    private readonly options: ConnectionOptions,
  ) {}

  /** @throws LogUnavailable */
  async send<Request, Answer>(
    api: WireApi<Request, Answer>,
    request: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    const parse = (_id: number, _key: number, _version: number, reader: Reader): Answer =>
      api.read(reader.buffer.slice(reader.position));
    const { key, version, flexible } = api;
    return this.call<Answer>((connection, done) => {
      connection.send(key, version, () => api.write(request), parse, flexible, flexible, done);
    }, timeoutMs);
  }

  /**
   * Answers with error codes in them are answers: the caller reads the codes.
   * @throws LogUnavailable
   */
  async call<Answer>(request: DriverCall<Answer>, timeoutMs: number): Promise<Answer> {
    const connection = await this.open(timeoutMs);
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.drop(connection);
        reject(unavailable(`Kafka did not answer within ${timeoutMs} ms.`));
      }, timeoutMs);
      request(connection, (error, answer) => {
        clearTimeout(timer);
        if (error === null || error === undefined) return resolve(answer as Answer);
        const inside = answerInside(error);
        if (inside !== undefined) return resolve(inside as Answer);
        this.drop(connection);
        reject(unavailable('The connection to Kafka was lost.', error));
      });
    });
  }

  /** Breaks the connection off; requests under way fail. Idempotent. */
  close(): void {
    this.closed = true;
    if (this.current !== undefined) this.drop(this.current);
  }

  private async open(timeoutMs: number): Promise<Connection> {
    if (this.current?.isConnected() === true) return this.current;
    this.opening ??= this.connect(timeoutMs).finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async connect(timeoutMs: number): Promise<Connection> {
    if (this.closed) throw unavailable('The connection to Kafka is closed.');
    const { host, port } = this.address;
    const connectTimeout = Math.min(timeoutMs, this.options.connectTimeout ?? timeoutMs);
    const connection = new Connection(this.clientId, { ...this.options, connectTimeout });
    // A loss reaches each request through its own callback; without a listener it would be thrown.
    connection.on('error', () => this.drop(connection));
    connection.on('close', () => this.forget(connection));
    try {
      await connection.connect(host, port);
    } catch (error) {
      this.drop(connection);
      throw unavailable(`Kafka cannot be reached at ${host}:${port}.`, error);
    }
    if (this.closed) {
      this.drop(connection);
      throw unavailable('The connection to Kafka is closed.');
    }
    this.current = connection;
    return connection;
  }

  private drop(connection: Connection): void {
    this.forget(connection);
    connection.socket?.destroy();
  }

  private forget(connection: Connection): void {
    if (this.current === connection) this.current = undefined;
  }
}
