import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * A TCP proxy that breaks connections off: each after a random number of bytes in either
 * direction, so that requests and answers are cut anywhere, also in the middle.
 */
export class CuttingProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Connections broken off so far. */
  cuts = 0;
  /** Whether connections are broken off; false lets all through. */
  cutting = true;

  private constructor(
    private readonly target: { host: string; port: number },
    /** About how many bytes a new connection lives. */
    public meanBytes: number,
  ) {
    this.server = createServer((socket) => this.relay(socket));
  }

  static async start(target: string, meanBytes: number): Promise<CuttingProxy> {
    const [host = '', port = ''] = target.split(':');
    const proxy = new CuttingProxy({ host, port: Number(port) }, meanBytes);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return address.port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private relay(client: Socket): void {
    const upstream = connect(this.target);
    let left = Math.floor(Math.random() * 2 * this.meanBytes);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const pass = (from: Socket, to: Socket): void => {
      this.sockets.add(from);
      from.on('data', (chunk) => {
        left -= chunk.length;
        if (left >= 0 || !this.cutting) return void to.write(chunk);
        this.cuts += 1;
        to.write(chunk.subarray(0, Math.max(0, chunk.length + left)), end);
      });
      from.on('error', end);
      from.on('close', () => {
        this.sockets.delete(from);
        end();
      });
    };
    pass(client, upstream);
    pass(upstream, client);
  }
}
