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

/** A connection and, while it is a stranger's, its deadline. */
interface Peer {
  readonly address: string;
  readonly socket: Socket;
  readonly deadline: NodeJS.Timeout;
}

/**
 * All sockets of the listener. There are so many at most, so that handles are left for files: who has
 * waited longest without showing who it is makes room; where all have shown it, who comes is let go.
 */
export class OpenConnections {
  private readonly peers = new Map<string, Peer>();
  /** In the order in which they came. */
  private readonly strangers = new Set<Peer>();

  constructor(private readonly options: OpenConnectionsOptions) {}

  /** A peer has connected: a stranger until `know`. The socket is TCP's, also beneath TLS. */
  add(socket: Socket): void {
    if (socket.remoteAddress === undefined) {
      // It has gone again already.
      socket.destroy();
      return;
    }
    const address = addressOf(socket);
    // One connection of an address is open at a time: the former is gone, and Node yet to tell so.
    const former = this.peers.get(address);
    if (former) this.drop(former);
    const late = (): void => this.end(peer, new NotAuthenticated('not authenticated in time'));
    const peer = { address, socket, deadline: setTimeout(late, this.options.maxStrangerMs) };
    this.peers.set(address, peer);
    this.strangers.add(peer);
    socket.once('close', () => this.forget(peer));
    if (this.peers.size <= this.options.max) return;
    const [longest = peer] = this.strangers;
    this.end(longest, new TooManyConnections(`more than ${this.options.max} connections`));
  }

  /** The peer is no stranger any more. The socket may be TLS's. */
  know(socket: Socket): void {
    const peer = this.peers.get(addressOf(socket));
    if (!peer) return;
    clearTimeout(peer.deadline);
    this.strangers.delete(peer);
  }

  /** Ends every connection, those in a handshake too. */
  endAll(): void {
    for (const peer of this.peers.values()) this.drop(peer);
  }

  private end(peer: Peer, error: Error): void {
    const clientHost = `/${peer.socket.remoteAddress ?? 'unknown'}`;
    this.drop(peer);
    this.options.onEnded(error, clientHost);
  }

  private drop(peer: Peer): void {
    // At once: many may come before the first has closed.
    this.forget(peer);
    peer.socket.destroy();
  }

  private forget(peer: Peer): void {
    clearTimeout(peer.deadline);
    this.strangers.delete(peer);
    if (this.peers.get(peer.address) === peer) this.peers.delete(peer.address);
  }
}

/** The same for a socket of TCP and for that of TLS over it, which Node does not connect. */
function addressOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
