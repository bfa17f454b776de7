import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import type { Attempt, Moment } from '../checker/check-webhook.js';

/** A delivery that a witness is about to answer. */
export interface Delivery {
  /** Number of its key: `key-1-7` has 7. */
  readonly key: number;
  readonly sequence: number;
  /** 1 for the first attempt of the event that came here. */
  readonly attempt: number;
}

/** What a witness does about a delivery: a status, after a while, or no answer at all. */
export type Manner = (
  delivery: Delivery,
) => number | 'hang' | { readonly status: number; readonly afterMs: number };

/** Takes everything. */
export const takes: Manner = () => 200;

interface Payload {
  readonly data: { readonly key: string; readonly sequence: number };
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A webhook receiver of events of a Load, which remembers what the checker asks for. */
export class Witness {
  readonly attempts: Attempt[] = [];
  private readonly counts = new Map<string, number>();
  private server: Server | undefined;
  private port = 0;
  private places = 0;

  private constructor(private manner: Manner) {}

  static async listen(manner: Manner = takes): Promise<Witness> {
    const witness = new Witness(manner);
    await witness.comeBack();
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Deliveries that are neither answered nor broken off. */
  get open(): number {
    return this.attempts.filter(({ ended }) => ended === undefined).length;
  }

  /** Different events that were answered with 2xx. */
  get taken(): number {
    const taken = this.attempts.filter(({ status = 0 }) => status >= 200 && status < 300);
    return new Set(taken.map(({ messageId }) => messageId)).size;
  }

  /** How it answers from now on. */
  behave(manner: Manner): void {
    this.manner = manner;
  }

  /** Closes its port and all connections. */
  async goAway(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Listens again, on the port that it had. */
  async comeBack(): Promise<void> {
    const server = createServer((request, response) => {
      // A sender that is killed while it sends is what this is about.
      this.serve(request, response).catch(() => request.socket.destroy());
    });
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { data } = (await json(request)) as Payload;
    const messageId = String(request.headers['webhook-id']);
    const attempt = (this.counts.get(messageId) ?? 0) + 1;
    this.counts.set(messageId, attempt);
    const seen: Mutable<Attempt> = {
      messageId,
      ...data,
      came: this.now(),
      ended: undefined,
      status: undefined,
    };
    this.attempts.push(seen);
    response.once('close', () => (seen.ended ??= this.now()));
    const key = Number(data.key.split('-').at(-1));
    const reaction = this.manner({ key, sequence: data.sequence, attempt });
    if (reaction === 'hang') return;
    const { status, afterMs } =
      typeof reaction === 'number' ? { status: reaction, afterMs: 0 } : reaction;
    const answer = (): void => {
      if (seen.ended !== undefined) return;
      seen.status = status;
      seen.ended = this.now();
      response.writeHead(status).end();
    };
    if (afterMs === 0) answer();
    else setTimeout(answer, afterMs);
  }

  private now(): Moment {
    return { place: (this.places += 1), ms: performance.now() };
  }
}
