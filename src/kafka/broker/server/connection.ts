import type { Socket } from 'node:net';
import { SERVED_APIS } from '../apis/index.js';
import type { Broker } from '../broker.js';
import { Writer } from '../protocol/writer.js';
import { FrameSplitter } from './frame-splitter.js';
import type { HeldBytes } from './held-bytes.js';
import { parseRequest, type ParsedRequest } from './request-header.js';

/** Produce requests of one connection that may wait for the disk together. */
const MAX_OVERLAPPING = 16;
/** Requests read ahead of the one being answered; more stay in the kernel's buffers. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/** A request taken from the queue; its response leaves when all before it have left. */
interface Slot {
  readonly frameBytes: number;
  readonly overlaps: boolean;
  response: readonly Buffer[] | undefined;
}

/** What a connection may use up. */
export interface ConnectionLimits {
  readonly maxFrameBytes: number;
  /** Without a byte in either direction for so long, the connection is closed. */
  readonly idleMs: number;
}

/**
 * One client connection. Requests are worked on one after the other, as Kafka does, except that
 * Produce requests in a row overlap, so that pipelining clients share one fsync. Responses leave
 * in the order of the requests. While the client does not read its responses, nothing more of it
 * is read. Whatever is wrong with its bytes closes this connection only.
 */
export class Connection {
  private readonly splitter: FrameSplitter;
  private readonly queue: Buffer[] = [];
  private queuedBytes = 0;
  private startedBytes = 0;
  private readonly slots: Slot[] = [];
  private readonly closing = new AbortController();
  private readonly clientHost: string;

  constructor(
    private readonly socket: Socket,
    private readonly broker: Broker,
    limits: ConnectionLimits,
    private readonly held: HeldBytes,
  ) {
    this.splitter = new FrameSplitter(limits.maxFrameBytes);
    this.clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.guarded(() => this.receive(chunk)));
    socket.on('drain', () => {
      held.update(this);
      this.guarded(() => this.work());
    });
    // The reason is not ours to handle: 'close' follows in every case.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.closing.abort();
      held.remove(this);
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
    for (const frame of this.splitter.push(chunk)) {
      this.queue.push(frame);
      this.queuedBytes += frame.length;
    }
    this.work();
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.socket.pause();
    if (!this.socket.destroyed) this.held.update(this);
  }

  private work(): void {
    while (this.queue.length > 0 && !this.socket.destroyed && !this.socket.writableNeedDrain) {
      const request = parseRequest(this.queue[0]!);
      if (!this.mayStart(request)) break;
      const frame = this.queue.shift()!;
      this.queuedBytes -= frame.length;
      this.start(request, frame.length);
    }
    if (this.queuedBytes <= MAX_QUEUED_BYTES && this.socket.isPaused()) this.socket.resume();
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
    if (!this.socket.destroyed) this.held.update(this);
  }
}

/** Response header (v0; v1 for flexible versions adds tagged fields), after the frame's length. */
function beginResponse({ api, version, correlationId }: ParsedRequest): Writer {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (version >= api.flexibleFrom && !api.plainResponseHeader) writer.unsignedVarint(0);
  return writer;
}

function endResponse(writer: Writer): readonly Buffer[] {
  const length = writer.length - 4;
  const buffers = writer.finish();
  buffers[0]!.writeInt32BE(length, 0);
  return buffers;
}
