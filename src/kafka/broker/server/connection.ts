import type { Socket } from 'node:net';
import type { RequestContext } from '../apis/api.js';
import { SERVED_APIS } from '../apis/index.js';
import type { Broker } from '../broker.js';
import type { Writer } from '../protocol/writer.js';
import { Authentication } from '../security/authentication.js';
import type { Sasl } from '../security/sasl.js';
import {
  heldBytesOf,
  MAX_QUEUED_BYTES,
  MAX_TURN_MS,
  MAX_UNAUTHENTICATED_BYTES,
  type ConnectionLimits,
  type ConnectionMemory,
} from './connection-bounds.js';
import { FrameSplitter } from './frame-splitter.js';
import { nextRequest } from './next-request.js';
import type { ParsedRequest } from './request-header.js';
import { beginResponse, endResponse } from './response-frame.js';
import { StartedRequests, type StartedRequest } from './started-requests.js';

/**
 * One client connection. Requests are worked on one after the other, as Kafka does, except that
 * Produce requests in a row overlap, so that pipelining clients share one fsync. Responses leave
 * in the order of the requests. While the client does not read its responses, nothing more of it
 * is read. Whatever is wrong with its bytes closes this connection only, once all that came before is
 * answered, and so does a failed authentication.
 */
export class Connection {
  private readonly splitter: FrameSplitter;
  private readonly queue: Buffer[] = [];
  private queuedBytes = 0;
  private readonly started = new StartedRequests();
  private readonly closing = new AbortController();
  private readonly clientHost: string;
  private readonly authentication: Authentication;
  private isKnown = false;
  private isTurnOver = false;
  /** What is wrong with the next request, once all before it are answered. */
  private doom: { readonly error: unknown; isTold: boolean } | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly broker: Broker,
    private readonly limits: ConnectionLimits,
    private readonly memory: ConnectionMemory,
    sasl: Sasl | undefined,
    /** Called once the client has shown who it is; at once where it need not. */
    private readonly onKnown: () => void,
  ) {
    this.clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    const peer = { host: this.clientHost, closed: this.closing.signal };
    this.authentication = new Authentication(sasl, peer);
    this.splitter = new FrameSplitter(limits.maxFrameBytes);
    if (sasl)
      this.splitter.maxFrameBytes = Math.min(MAX_UNAUTHENTICATED_BYTES, limits.maxFrameBytes);
    else this.welcome();
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.guarded(() => this.receive(chunk)));
    socket.on('drain', () => {
      this.updateHeld();
      this.guarded(() => this.work());
    });
    // The reason is not ours to handle: 'close' follows in every case.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closing.abort();
      memory.strangers.remove(this);
      memory.clients.remove(this);
    });
  }

  /** Bytes of requests not answered yet, and of responses not sent yet. */
  get heldBytes(): number {
    const requests = this.splitter.bufferedBytes + this.queuedBytes + this.started.heldBytes;
    return requests + this.socket.writableLength;
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }

  private updateHeld(): void {
    if (this.socket.destroyed) return;
    const { clients, strangers } = this.memory;
    (this.isKnown ? clients : strangers).update(this);
  }

  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.socket.destroyed) return;
    this.socket.destroy();
    this.broker.reportConnectionFailure(error, this.clientHost);
  }

  private receive(chunk: Buffer): void {
    // Taken all the same: unread bytes would have the system drop the answers that are under way.
    if (this.doom) return;
    for (const frame of this.splitter.push(chunk)) {
      this.queue.push(frame);
      this.queuedBytes += heldBytesOf(frame);
    }
    const { failure } = this.splitter;
    if (failure) this.doom = { error: failure, isTold: false };
    this.work();
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.socket.pause();
    this.updateHeld();
  }

  private work(): void {
    if (this.isTurnOver) return;
    const since = performance.now();
    while (this.queue.length > 0 && !this.socket.destroyed && !this.socket.writableNeedDrain) {
      if (!this.mayLookAtNext()) break;
      const request = this.lookAtNext();
      if (!request || !this.started.mayAdd(request.api.overlaps)) break;
      const heldBytes = heldBytesOf(this.queue.shift()!);
      this.queuedBytes -= heldBytes;
      this.start(request, heldBytes);
      if (performance.now() - since > MAX_TURN_MS) return this.goOnNextTurn();
    }
    if (this.queuedBytes <= MAX_QUEUED_BYTES && this.socket.isPaused()) this.socket.resume();
    if (this.doom) this.endOnceAnswered(this.doom);
  }

  private goOnNextTurn(): void {
    this.isTurnOver = true;
    setImmediate(() => {
      this.isTurnOver = false;
      this.guarded(() => this.work());
    });
  }

  private lookAtNext(): ParsedRequest | undefined {
    try {
      return nextRequest(this.queue[0]!, this.authentication);
    } catch (error) {
      this.takeNoMore(error);
      return undefined;
    }
  }

  private takeNoMore(error: unknown): void {
    this.doom ??= { error, isTold: false };
    this.queue.length = 0;
    this.queuedBytes = 0;
  }

  private endOnceAnswered(doom: NonNullable<Connection['doom']>): void {
    if (this.queue.length > 0 || this.started.count > 0) return;
    if (doom.isTold || this.socket.destroyed) return;
    doom.isTold = true;
    this.socket.destroySoon();
    this.broker.reportConnectionFailure(doom.error, this.clientHost);
  }

  /** Before authentication, what a frame may be depends on the answer to the one before. */
  private mayLookAtNext(): boolean {
    const { stage } = this.authentication;
    return stage === 'complete' || (stage !== 'failed' && this.started.count === 0);
  }

  private start(request: ParsedRequest, heldBytes: number): void {
    const started = this.started.add(request.api.overlaps, heldBytes);
    const writer = beginResponse(request);
    try {
      const answered = request.api.answer(request.body, this.contextOf(request, started), writer);
      if (typeof answered === 'boolean') this.complete(started, writer, answered);
      else void this.completeLater(started, writer, answered);
    } catch (error) {
      this.leaveUnanswered(started, error);
    }
  }

  private contextOf(
    { version, versionUnsupported, clientId }: ParsedRequest,
    started: StartedRequest,
  ): RequestContext {
    return {
      broker: this.broker,
      servedApis: SERVED_APIS,
      authentication: this.authentication,
      version,
      versionUnsupported,
      clientId,
      clientHost: this.clientHost,
      closed: this.closing.signal,
      holdMore: (bytes) => {
        started.heldBytes += bytes;
        this.updateHeld();
      },
    };
  }

  private async completeLater(
    started: StartedRequest,
    writer: Writer,
    answered: Promise<boolean>,
  ): Promise<void> {
    try {
      this.complete(started, writer, await answered);
    } catch (error) {
      this.leaveUnanswered(started, error);
    }
    this.guarded(() => this.work());
  }

  /** As if it had been malformed: what came before it is still to be answered. */
  private leaveUnanswered(started: StartedRequest, error: unknown): void {
    this.started.drop(started);
    this.takeNoMore(error);
  }

  private complete(started: StartedRequest, writer: Writer, hasResponse: boolean): void {
    const ready = this.started.answer(started, hasResponse ? endResponse(writer) : []);
    this.socket.cork();
    for (const buffer of ready) this.socket.write(buffer);
    this.socket.uncork();
    this.heedAuthentication();
    this.updateHeld();
  }

  /** The client has shown who it is, where it must. */
  private welcome(): void {
    this.isKnown = true;
    this.splitter.maxFrameBytes = this.limits.maxFrameBytes;
    this.memory.strangers.remove(this);
    this.onKnown();
  }

  /** What the answer just sent has made of the client. */
  private heedAuthentication(): void {
    const { failure, stage } = this.authentication;
    if (stage === 'complete' && !this.isKnown) this.welcome();
    if (!failure) return;
    this.socket.destroySoon();
    this.broker.reportConnectionFailure(failure, this.clientHost);
  }
}
