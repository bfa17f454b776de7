/** A webhook receiver that tests script, well-behaved or not, and that remembers what it got. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { eventually } from './eventually.js';

/** A request as it arrived, once its body was complete. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Unix milliseconds. */
  readonly arrivedAt: number;
}

/** A proper answer. */
export interface ProperAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Does to the connection what it likes, instead of an answer. */
export type Misbehaviour = (socket: Socket) => void | Promise<void>;

/** What a receiver does about a request. */
export type Answer = ProperAnswer | Misbehaviour;

/** Chooses an answer; a promise delays it, for instance until a latch opens. */
export type Script = (request: ReceivedRequest) => Answer | Promise<Answer>;

const write = async (socket: Socket, bytes: string): Promise<void> => {
  if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
};

const writeForever = async (socket: Socket, bytes: string): Promise<void> => {
  while (!socket.destroyed) await write(socket, bytes);
};

const head = (status: number, ...headers: string[]): string =>
  [`HTTP/1.1 ${status} Scripted`, ...headers, '', ''].join('\r\n');

/** Ways to misbehave. */
export const misbehave = {
  /** Never answers; the connection stays open. */
  hang: (): Misbehaviour => () => undefined,
  /** Ends the connection by a TCP reset. */
  reset: (): Misbehaviour => (socket) => {
    socket.resetAndDestroy();
  },
  /** Ends the connection in order, but without an answer. */
  hangUp: (): Misbehaviour => (socket) => {
    socket.end();
  },
  /** Writes these bytes and nothing more. */
  say:
    (bytes: string): Misbehaviour =>
    (socket) =>
      write(socket, bytes),
  /** Begins an answer whose headers never end. */
  endlessHeaders: (): Misbehaviour => async (socket) => {
    await write(socket, 'HTTP/1.1 200 OK\r\n');
    await writeForever(socket, `X-More: ${'m'.repeat(1_000)}\r\n`);
  },
  /** Sends interim answers (103) and never a final one. */
  endlessInterim: (): Misbehaviour => (socket) => writeForever(socket, head(103)),
  /** Answers with a body that never ends. */
  endlessBody:
    (status: number): Misbehaviour =>
    async (socket) => {
      await write(socket, head(status, 'Transfer-Encoding: chunked'));
      await writeForever(socket, `400\r\n${'b'.repeat(1_024)}\r\n`);
    },
  /** Answers and then sends a byte of the body now and then, but never the last one. */
  drip:
    (status: number): Misbehaviour =>
    async (socket) => {
      await write(socket, head(status, 'Content-Length: 1000000'));
      const timer = setInterval(() => socket.write('.'), 50);
      socket.once('close', () => clearInterval(timer));
    },
  /** Answers, begins the body, and resets the connection. */
  resetInBody:
    (status: number): Misbehaviour =>
    (socket) => {
      socket.write(`${head(status, 'Content-Length: 100')}begin`, () => socket.resetAndDestroy());
    },
};

/** Whether an error only says that the sender left before its request was complete. */
const senderLeft = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ECONNRESET';

/** An HTTP server on 127.0.0.1 that answers by script; 200 to all until it has one. */
export class Receiver {
  /** All complete requests, in the order of their arrival. */
  readonly requests: ReceivedRequest[] = [];
  /** Connections that were ever made. */
  connections = 0;
  private readonly open = new Set<Socket>();
  private script: Script = () => ({ status: 200 });
  private failure: unknown;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
    server.on('connection', (socket) => {
      this.connections += 1;
      this.open.add(socket);
      // A sender that resets its connection is what some tests are about.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /** @param port 0 means any free one */
  static async listen(port = 0): Promise<Receiver> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new Receiver(server, (server.address() as AddressInfo).port);
  }

  /** `http://127.0.0.1:port`, without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.open.size;
  }

  /** How requests are answered from now on. */
  respond(script: Script): void {
    this.script = script;
  }

  /** Waits until so many requests have arrived in all. */
  async received(count: number, boundSeconds?: number): Promise<readonly ReceivedRequest[]> {
    return eventually(
      () => this.requests,
      ({ length }) => length >= count,
      boundSeconds,
    );
  }

  /**
   * Ends all connections and stops.
   * @throws what the script threw, if it did
   */
  async close(): Promise<void> {
    if (this.server.listening) {
      const closed = once(this.server, 'close');
      this.server.close();
      for (const socket of this.open) socket.destroy();
      await closed;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const received = await receive(request);
      this.requests.push(received);
      const answer = await this.script(received);
      if (typeof answer === 'function') await answer(request.socket);
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      request.socket.destroy();
      if (!senderLeft(error)) this.failure ??= error;
    }
  }
}

const receive = async (request: IncomingMessage): Promise<ReceivedRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    arrivedAt: Date.now(),
  };
};

/**
 * Verifies a request's signature by the independent library of Standard Webhooks, which reads
 * bodies as UTF-8.
 * @throws WebhookVerificationError
 */
export function verifySignature(request: ReceivedRequest, secret: string): void {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  try {
    new Webhook(secret).verify(
      request.body.toString('utf8'),
      Object.fromEntries(headers) as Record<string, string>,
    );
  } catch (error) {
    // After a good signature it parses the body as JSON, which it need not be.
    if (!(error instanceof SyntaxError)) throw error;
  }
}
