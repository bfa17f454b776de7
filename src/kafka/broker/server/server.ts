import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { Broker } from '../broker.js';
import type { Sasl } from '../security/sasl.js';
import { handshakeFailure, tlsOptions } from '../security/tls.js';
import { Connection } from './connection.js';
import { affordableConnections } from './handles.js';
import { HeldBytes } from './held-bytes.js';
import { OpenConnections } from './open-connections.js';

/** Of maxHeldBytes, for those who have yet to authenticate: they push no client out. */
const STRANGERS_SHARE = 1 / 16;

/** The broker's listener, for TCP or for TLS. */
export class Server {
  private closing = false;

  private constructor(
    private readonly broker: Broker,
    private readonly listener: NetServer,
    private readonly connections: OpenConnections,
  ) {}

  /**
   * Listens; port 0 takes any free one. Resolves once clients can connect.
   * @param sasl with it, clients must authenticate before anything else
   * @throws UnusableCertificate, or the listener's error
   */
  static async listen(
    broker: Broker,
    sasl: Sasl | undefined,
    host: string,
    port: number,
  ): Promise<Server> {
    const { tls, idleMs, maxHeldBytes, maxConnections, maxAuthenticationMs, onFailure } =
      broker.settings;
    const listener = tls
      ? createTlsServer({ ...tlsOptions(tls, idleMs), noDelay: true })
      : createServer({ noDelay: true });
    const connections = new OpenConnections({
      max: Math.min(maxConnections, affordableConnections()),
      maxStrangerMs: maxAuthenticationMs,
      onEnded: (error, clientHost) => broker.reportConnectionFailure(error, clientHost),
    });
    const server = new Server(broker, listener, connections);
    const memory = {
      strangers: new HeldBytes(maxHeldBytes * STRANGERS_SHARE),
      clients: new HeldBytes(maxHeldBytes),
    };
    // With TLS this is the socket beneath: it is known from the first byte of the handshake on.
    listener.on('connection', (socket: Socket) => connections.add(socket));
    listener.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      if (socket.destroyed) return;
      const onKnown = (): void => connections.know(socket);
      void new Connection(socket, broker, broker.settings, memory, sasl, onKnown);
    });
    listener.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      server.endHandshake(error, socket);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host, port }, () => {
        listener.off('error', reject);
        resolve();
      });
    });
    listener.on('error', onFailure);
    return server;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Stops listening and ends every connection, those in a handshake too. */
  close(): Promise<void> {
    this.closing = true;
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()));
    this.connections.endAll();
    return closed;
  }

  private endHandshake(error: Error, socket: TLSSocket): void {
    const clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    socket.destroy();
    if (this.closing) return;
    this.broker.reportConnectionFailure(handshakeFailure(error, socket), clientHost);
  }
}
