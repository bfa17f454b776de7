import { connect, type Socket } from 'node:net';
import { apiOf } from '../../../src/kafka/broker/apis/index.js';
import { encodingOf } from '../../../src/kafka/broker/apis/api.js';
import { Reader } from '../../../src/kafka/broker/protocol/reader.js';
import { readStruct, writeStruct } from '../../../src/kafka/broker/protocol/struct.js';
import { Writer } from '../../../src/kafka/broker/protocol/writer.js';
import { FrameSplitter } from '../../../src/kafka/broker/server/frame-splitter.js';

/** One TCP connection that speaks single requests of chosen versions, and sends any bytes. */
export class RawClient {
  private readonly splitter = new FrameSplitter(200_000_000);
  private readonly frames: Buffer[] = [];
  private waiting: ((frame: Buffer | undefined) => void)[] = [];
  private correlationId = 0;
  /** Resolves when the broker has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const wake of this.waiting) wake(undefined);
        resolve();
      });
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.splitter.push(chunk)) {
        const wake = this.waiting.shift();
        if (wake) wake(frame);
        else this.frames.push(frame);
      }
    });
  }

  static async open({ host, port }: { host: string; port: number }): Promise<RawClient> {
    const socket = connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Speaks over a socket that is connected already, such as a TLS one. */
  static over(socket: Socket): RawClient {
    return new RawClient(socket);
  }

  /** Sends a request and decodes its answer, down to the last byte. */
  async request<R>(key: number, version: number, body: Record<string, unknown>): Promise<R> {
    this.send(key, version, body);
    return this.receive<R>(key, version);
  }

  /** Sends without waiting; returns the correlation id. */
  send(key: number, version: number, body: Record<string, unknown>): number {
    const id = ++this.correlationId;
    this.socket.write(encodeRequest(key, version, id, body));
    return id;
  }

  /** The next response frame, whatever it holds. */
  async nextFrame(): Promise<Buffer> {
    const ready = this.frames.shift();
    if (ready) return ready;
    const frame = await new Promise<Buffer | undefined>((resolve) => this.waiting.push(resolve));
    if (!frame) throw new Error('the broker closed the connection');
    return frame;
  }

  /** The next response, decoded; its correlation id must be the expected one, if given. */
  async receive<R>(key: number, version: number, correlationId?: number): Promise<R> {
    const api = apiOf(key)!;
    const reader = new Reader(await this.nextFrame());
    const id = reader.int32();
    if (correlationId !== undefined && id !== correlationId) {
      throw new Error(`response ${id} where ${correlationId} was due`);
    }
    const encoding = encodingOf(api.flexibleFrom, version);
    if (encoding.flexible && !api.plainResponseHeader) reader.skipTaggedFields();
    const response = readStruct(api.response, reader, encoding);
    if (reader.remaining !== 0) throw new Error(`${reader.remaining} bytes are left over`);
    return response as R;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A whole request frame. */
export function encodeRequest(
  key: number,
  version: number,
  correlationId: number,
  body: Record<string, unknown>,
): Buffer {
  const api = apiOf(key)!;
  const encoding = encodingOf(api.flexibleFrom, version);
  const writer = new Writer();
  writer.int32(0);
  writer.int16(key);
  writer.int16(version);
  writer.int32(correlationId);
  writer.int16(3);
  writer.utf8('raw', 3);
  if (encoding.flexible) writer.unsignedVarint(0);
  writeStruct(api.request, writer, body, encoding);
  const frame = Buffer.concat(writer.finish());
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}
