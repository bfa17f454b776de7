import type { Socket } from 'node:net';
import { SERVED_APIS } from '../apis/index.js';
import type { Broker } from '../broker.js';
import type { Writer } from '../protocol/writer.js';
import { Authentication } from '../security/authentication.js';
import type { Sasl } from '../security/sasl.js';
import type { ConnectionLimits, ConnectionMemory } from './connection-bounds.js';
import { FrameSplitter } from './frame-splitter.js';
import type { HeldBytes } from './held-bytes.js';
import { nextRequest } from './next-request.js';
import type { ParsedRequest } from './request-header.js';
import { beginResponse, endResponse } from './response-frame.js';

/** Produce requests of one connection that may wait for the disk together. */
const MAX_OVERLAPPING = 16;
/** Requests read ahead of the one being answered; more stay in the kernel's buffers. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** After a request that ends so long after the first of this turn, all others have theirs. */
const MAX_TURN_MS = 20;
/** Largest frame before authentication: Kafka's `sasl.server.max.receive.size`. */
const MAX_UNAUTHENTICATED_BYTES = 512 * 1024;

/** A request taken from the queue; its response leaves when all before it have left. */
interface Slot {
  readonly frameBytes: number;
  readonly overlaps: boolean;
  response: readonly Buffer[] | undefined;
}

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
  private startedBytes = 0;
  private readonly slots: Slot[] = [];
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
    this.authentication = new Authentication(sasl, this.closing.signal);
    this.splitter = new FrameSplitter(limits.maxFrameBytes);
    if (sasl)
      this.splitter.maxFrameBytes = Math.min(MAX_UNAUTHENTICATED_BYTES, limits.maxFrameBytes);
    else this.welcome();
    this.clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.guarded(() => this.receive(chunk)));
    socket.on('drain', () => {
      this.held.update(this);
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
    const requests = this.splitter.bufferedBytes + this.queuedBytes + this.startedBytes;
    return requests + this.socket.writableLength;
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }

  private get held(): HeldBytes {
    return this.isKnown ? this.memory.clients : this.memory.strangers;
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
      this.queuedBytes += frame.length;
    }
    const { failure } = this.splitter;
    if (failure) this.doom = { error: failure, isTold: false };
    this.work();
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.socket.pause();
    if (!this.socket.destroyed) this.held.update(this);
  }

  private work(): void {
    if (this.isTurnOver) return;
    const since = performance.now();
    while (this.queue.length > 0 && !this.socket.destroyed && !this.socket.writableNeedDrain) {
      if (!this.mayLookAtNext()) break;
      const request = this.lookAtNext();
      if (!request || !this.mayStart(request)) break;
      const frame = this.queue.shift()!;
      this.queuedBytes -= frame.length;
      this.start(request, frame.length);
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
      this.doom ??= { error, isTold: false };
      this.queue.length = 0;
      this.queuedBytes = 0;
      return undefined;
    }
  }

  private endOnceAnswered(doom: NonNullable<Connection['doom']>): void {
    if (this.queue.length > 0 || this.slots.length > 0) return;
    if (doom.isTold || this.socket.destroyed) return;
    doom.isTold = true;
    this.socket.destroySoon();
    this.broker.reportConnectionFailure(doom.error, this.clientHost);
  }

  /** Before authentication, what a frame may be depends on the answer to the one before. */
  private mayLookAtNext(): boolean {
    const { stage } = this.authentication;
    return stage === 'complete' || (stage !== 'failed' && this.slots.length === 0);
  }

  private mayStart(request: ParsedRequest): boolean {
    if (this.slots.length === 0) return true;
    const last = this.slots.at(-1)!;
    return request.api.overlaps && last.overlaps && this.slots.length < MAX_OVERLAPPING;
  }

  private start(request: ParsedRequest, frameBytes: number): void {
    const slot: Slot = { overlaps: request.api.overlaps, frameBytes, response: undefined };
    this.startedBytes += frameBytes;
    this.slots.push(slot);
    const writer = beginResponse(request);
    const answered = request.api.answer(
      request.body,
      {
        broker: this.broker,
        servedApis: SERVED_APIS,
        authentication: this.authentication,
        version: request.version,
        versionUnsupported: request.versionUnsupported,
        clientId: request.clientId,
        clientHost: this.clientHost,
        closed: this.closing.signal,
      },
      writer,
    );
    if (typeof answered === 'boolean') this.complete(slot, writer, answered);
    else void this.completeLater(slot, writer, answered);
  }

  private async completeLater(
    slot: Slot,
    writer: Writer,
    answered: Promise<boolean>,
  ): Promise<void> {
    try {
      this.complete(slot, writer, await answered);
      this.work();
    } catch (error) {
      this.fail(error);
    }
  }

  private complete(slot: Slot, writer: Writer, hasResponse: boolean): void {
    slot.response = hasResponse ? endResponse(writer) : [];
    if (this.slots[0] !== slot) return;
    this.socket.cork();
    while (this.slots[0]?.response) {
      const { response, frameBytes } = this.slots.shift()!;
      this.startedBytes -= frameBytes;
      for (const buffer of response!) this.socket.write(buffer);
    }
    this.socket.uncork();
    this.heedAuthentication();
    if (!this.socket.destroyed) this.held.update(this);
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
