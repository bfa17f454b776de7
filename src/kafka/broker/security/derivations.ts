import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { FairQueue } from './fair-queue.js';
import { originOf, type Peer } from './peer.js';
import { TooManyLogins } from './security.errors.js';

/** Guesses that wait, of all peers. */
const MAX_GUESSES = 100;

/** What PBKDF2 (RFC 8018) makes a key from. */
export interface KeySource {
  readonly password: string;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly keyBytes: number;
  /** OpenSSL's name. */
  readonly hash: string;
}

const pbkdf2Async = promisify(pbkdf2);

interface Wanted {
  readonly make: () => Promise<Buffer>;
  readonly resolve: (key: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes keys from passwords, one at a time: logins share the threads with the disk. */
export class Derivations {
  private readonly own: Wanted[] = [];
  private readonly guesses = new FairQueue<Wanted>(MAX_GUESSES);
  private isWorking = false;

  constructor(
    private readonly make = ({ password, salt, iterations, keyBytes, hash }: KeySource) =>
      pbkdf2Async(password, salt, iterations, keyBytes, hash),
  ) {}

  /** From what the broker knows itself, and so as often as there are users at most: before guesses. */
  run(source: KeySource): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.own.push({ make: async () => this.make(source), resolve, reject });
      void this.work();
    });
  }

  /**
   * From what a peer has sent: so many wait at most, and none for a connection that is gone. The
   * origins that they come from take turns, and those with the fewest find room.
   * @throws TooManyLogins; the signal's reason
   */
  guess(source: KeySource, peer: Peer): Promise<Buffer> {
    const make = async (): Promise<Buffer> => {
      peer.closed.throwIfAborted();
      return await this.make(source);
    };
    return new Promise((resolve, reject) => {
      const refused = this.guesses.add(originOf(peer), { make, resolve, reject });
      refused?.reject(new TooManyLogins('too many logins at the same time'));
      void this.work();
    });
  }

  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    for (let next = this.next(); next; next = this.next()) {
      await next.make().then(next.resolve, next.reject);
    }
    this.isWorking = false;
  }

  private next(): Wanted | undefined {
    return this.own.shift() ?? this.guesses.take();
  }
}
