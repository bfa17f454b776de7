import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import type { Broker } from '../broker.js';
import { Connection } from './connection.js';
import { HeldBytes } from './held-bytes.js';

/** The broker's TCP listener. */
export class Server {
  private readonly connections = new Set<Connection>();

  private constructor(private readonly listener: NetServer) {}

  /** Listens; port 0 takes any free one. Resolves once clients can connect. */
  static async listen(broker: Broker, host: string, port: number): Promise<Server> {
    const listener = createServer({ noDelay: true });
    const server = new Server(listener);
    const held = new HeldBytes(broker.settings.maxHeldBytes);
    listener.on('connection', (socket) => {
      const connection = new Connection(socket, broker, broker.settings, held);
      server.connections.add(connection);
      socket.once('close', () => server.connections.delete(connection));
    });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host, port }, () => {
        listener.off('error', reject);
        resolve();
      });
    });
    listener.on('error', broker.settings.onFailure);
    return server;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Stops listening and ends every connection. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()));
    for (const connection of this.connections) connection.destroy();
    return closed;
  }
}
