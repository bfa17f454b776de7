import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { Serial } from '../concurrency/serial.js';
import { TooManyLogins } from './security.errors.js';

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

/** Makes keys from passwords, one at a time: logins share the threads with the disk. */
export class Derivations {
  private readonly serial = new Serial();
  private guesses = 0;

  constructor(
    private readonly make = ({ password, salt, iterations, keyBytes, hash }: KeySource) =>
      pbkdf2Async(password, salt, iterations, keyBytes, hash),
  ) {}

  /** From what the broker knows itself, and so as often as there are users at most. */
  run(source: KeySource): Promise<Buffer> {
    return this.serial.run(() => this.make(source));
  }

  /**
   * From what a peer has sent: so many wait at most, and none for a connection that is gone.
   * @throws TooManyLogins; the signal's reason
   */
  async guess(source: KeySource, closed: AbortSignal): Promise<Buffer> {
    if (this.guesses >= MAX_GUESSES) throw new TooManyLogins('too many logins at the same time');
    this.guesses += 1;
    try {
      return await this.serial.run(async () => {
        closed.throwIfAborted();
        return await this.make(source);
      });
    } finally {
      this.guesses -= 1;
    }
  }
}
