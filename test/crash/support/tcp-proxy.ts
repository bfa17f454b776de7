import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import type { Outage } from './broker-process.js';

/** A TCP connection through the proxy. */
interface Relay {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** Stands before a server and can make it unreachable: port closed and reset, or a black hole. */
export class TcpProxy {
  private server: Server | undefined;
  private port = 0;
  private swallowing = false;
  private readonly relays = new Set<Relay>();

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  static async start(host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port });
    await proxy.listen();
    return proxy;
  }

  /** The port to use instead of the server's. */
  get ownPort(): number {
    return this.port;
  }

  async goAway(how: Outage): Promise<void> {
    if (how === 'is silent') {
      this.swallowing = true;
      return;
    }
    const closed = once(this.server!, 'close');
    this.server!.close();
    this.reset();
    await closed;
  }

  /** Connections that lost bytes meanwhile are broken: nothing may be taken up in the middle. */
  async comeBack(how: Outage): Promise<void> {
    this.swallowing = false;
    this.reset();
    if (how === 'refuses') await this.listen();
  }

  async stop(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    this.reset();
    await closed;
  }

  private async listen(): Promise<void> {
    this.server = createServer((client) => this.relay(client));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  private reset(): void {
    for (const { client, upstream } of this.relays) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  private relay(client: Socket): void {
    const relay = { client, upstream: connect(this.target) };
    this.relays.add(relay);
    this.pass(client, relay.upstream, relay);
    this.pass(relay.upstream, client, relay);
  }

  private pass(from: Socket, to: Socket, relay: Relay): void {
    from.on('data', (chunk) => {
      if (!this.swallowing) to.write(chunk);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.relays.delete(relay);
      if (!this.swallowing) to.destroy();
    });
  }
}
