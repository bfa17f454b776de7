import type { IncomingMessage } from 'node:http';

import { TooManyBodies } from './request-errors.js';

/** Most bytes of large bodies that one process holds, or has promised to hold. */
export const BODIES_BYTES = 64 * 1024 * 1024;

/**
 * Bounds what large request bodies take in memory together, from their first byte to the end of
 * their answer. A body that says its length has that much promised to it before it is read, so one
 * that was begun is never broken off for want of room; one that does not say is counted as it comes.
 */
export class BodyBudget {
  private held = 0;

  constructor(private readonly maxBytes = BODIES_BYTES) {}

  /** Bytes promised or held now. */
  get heldBytes(): number {
    return this.held;
  }

  /**
   * Makes room for a body. One that is larger than all there is gets none: its route's own limit
   * refuses it.
   * @returns gives the room back; call it once the request is over
   * @throws TooManyBodies
   */
  admit(body: IncomingMessage): () => void {
    const length = body.headers['content-length'];
    return length === undefined ? this.count(body) : this.reserve(Number(length));
  }

  private reserve(bytes: number): () => void {
    if (bytes > this.maxBytes) return () => undefined;
    this.take(bytes);
    return () => {
      this.held -= bytes;
    };
  }

  private count(body: IncomingMessage): () => void {
    let counted = 0;
    const onData = ({ length }: Buffer): void => {
      try {
        this.take(length);
        counted += length;
      } catch (error) {
        body.off('data', onData);
        // Told to who reads the body, which answers; destroying it would end the connection mute.
        body.emit('error', error);
      }
    };
    // Paused, or the listener would set the body flowing before its reader is there.
    body.pause();
    body.on('data', onData);
    return () => {
      this.held -= counted;
    };
  }

  private take(bytes: number): void {
    if (this.held + bytes > this.maxBytes) {
      throw new TooManyBodies('The server holds as many large bodies as fit in its memory.');
    }
    this.held += bytes;
  }
}
