import type { KeyState } from '../kafka/contracts/access.contracts.js';
import { TooManyUnknownKeys } from './auth.errors.js';

/** How many different unknown keys may be waited for at once. */
const MAX_PENDING = 100;

/**
 * Bounds what a flood of wrong keys can hold: those who ask for the same key share one look-up,
 * and only so many different keys wait at a time.
 */
export class PendingLookups {
  private readonly pending = new Map<string, Promise<KeyState | undefined>>();

  constructor(
    private readonly find: (hash: string) => Promise<KeyState | undefined>,
    private readonly max = MAX_PENDING,
  ) {}

  /** @throws TooManyUnknownKeys */
  async lookup(hash: string): Promise<KeyState | undefined> {
    const shared = this.pending.get(hash);
    if (shared) return shared;
    if (this.pending.size >= this.max) throw new TooManyUnknownKeys();
    const lookup = this.find(hash).finally(() => this.pending.delete(hash));
    this.pending.set(hash, lookup);
    return lookup;
  }
}
