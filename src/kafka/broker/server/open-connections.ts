import type { Socket } from 'node:net';
import { NotAuthenticated } from '../security/security.errors.js';
import { TooManyConnections } from './too-many-connections.js';

/** What bounds open connections. */
export interface OpenConnectionsOptions {
  readonly max: number;
  /** Milliseconds that a peer has to show who it is, whatever it sends meanwhile. */
  readonly maxStrangerMs: number;
  /** Told whom the bounds have ended. */
  readonly onEnded: (error: Error, clientHost: string) => void;
}

/**
 * All sockets of the listener. There are so many at most, so that handles are left for files: who has
 * waited longest without showing who it is makes room; where all have shown it, who comes is let go.
 */
export class OpenConnections {
  private readonly sockets = new Map<string, Socket>();
  /** With their deadlines, in the order in which they came. */
  private readonly strangers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly options: OpenConnectionsOptions) {}

  /** A peer has connected: a stranger until `know`. The socket is TCP's, also beneath TLS. */
  add(socket: Socket): void {
    if (socket.remoteAddress === undefined) {
      // It has gone again already.
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.sockets.set(peer, socket);
    const late = (): void => this.end(peer, new NotAuthenticated('not authenticated in time'));
    this.strangers.set(peer, setTimeout(late, this.options.maxStrangerMs));
    socket.once('close', () => {
      if (this.sockets.get(peer) === socket) this.forget(peer);
    });
    if (this.sockets.size <= this.options.max) return;
    const [longest] = this.strangers.keys();
    this.end(longest!, new TooManyConnections(`more than ${this.options.max} connections`));
  }

  /** The peer is no stranger any more. The socket may be TLS's. */
  know(socket: Socket): void {
    const peer = peerOf(socket);
    clearTimeout(this.strangers.get(peer));
    this.strangers.delete(peer);
  }

  /** Ends every connection, those in a handshake too. */
  endAll(): void {
    for (const [peer, socket] of this.sockets) {
      this.forget(peer);
      socket.destroy();
    }
  }

  private end(peer: string, error: Error): void {
    const socket = this.sockets.get(peer)!;
    const clientHost = `/${socket.remoteAddress ?? 'unknown'}`;
    // At once: many may come before the first has closed.
    this.forget(peer);
    socket.destroy();
    this.options.onEnded(error, clientHost);
  }

  private forget(peer: string): void {
    this.sockets.delete(peer);
    clearTimeout(this.strangers.get(peer));
    this.strangers.delete(peer);
  }
}

/** The same for a socket of TCP and for that of TLS over it, which Node does not connect. */
function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
