import { connect, type Socket } from 'node:net';

/** An HTTP answer taken apart by hand. */
export interface RawAnswer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly [field: string]: unknown };
}

/** A TCP connection that sends whatever a test likes, and keeps what comes back. */
export class RawConnection {
  private received = '';
  private readonly ended: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text));
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new RawConnection(socket);
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** What the server has sent until now. */
  get soFar(): string {
    return this.received;
  }

  /** Ends the sending side only. */
  halfClose(): void {
    this.socket.end();
  }

  /** Goes away without a word. */
  vanish(): void {
    this.socket.destroy();
  }

  /** Everything that the server sent until it closed the connection. */
  async untilClosed(): Promise<string> {
    this.socket.once('end', () => this.socket.end());
    await this.ended;
    return this.received;
  }
}

/** The first answer in what a server sent. */
export function firstAnswer(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  return { status, body: JSON.parse(/^\{.*\}/s.exec(body)?.[0] ?? '{}') as RawAnswer['body'] };
}

/** Sends bytes on a connection of their own and waits until the server has closed it. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const connection = await RawConnection.open(port);
  connection.send(bytes);
  return connection.untilClosed();
}
