import type { Applied } from './versioned-states.js';
import { TransportUnavailable } from '../transport.errors.js';
import { MissLimiter } from './miss-limiter.js';

/**
 * Waits until the table holds everything that was in its topic when it was called, at most 1 s.
 * Resolves with whether it does; false when Kafka did not answer in time.
 */
export type CatchUp = () => Promise<boolean>;

const none: readonly never[] = [];

/** States by a key of theirs, kept with the table. */
export class StateIndex<State> {
  private readonly byKey = new Map<string, Map<string, State>>();
  private readonly misses = new MissLimiter();
  /** Whether the last look at the topic's end succeeded: only then a miss means that there is none. */
  private certain = true;

  /** @internal made by StateTable.indexBy */
  constructor(
    private readonly keyOf: (state: State) => string,
    private readonly catchUp: CatchUp,
  ) {}

  /** The state of this key; of several, the one that was there first. */
  get(key: string): State | undefined {
    const [first] = this.byKey.get(key)?.values() ?? none;
    return first;
  }

  /** All states of this key. */
  all(key: string): readonly State[] {
    return [...(this.byKey.get(key)?.values() ?? none)];
  }

  /**
   * Like `get`, but a miss waits, at most 1 s, until the table has reached its topic's end as of
   * now: what was answered as made before this call is found. A key that keeps missing is answered
   * at once for a second.
   * @throws TransportUnavailable when a miss may only mean that Kafka does not answer: what exists
   * must not be called unknown
   */
  async lookup(key: string): Promise<State | undefined> {
    const found = this.get(key);
    if (found !== undefined) return found;
    if (this.misses.mayAsk(key)) this.certain = await this.catchUp();
    const state = this.get(key);
    if (state === undefined && !this.certain) {
      throw new TransportUnavailable('Kafka does not tell at the moment whether this exists.');
    }
    return state;
  }

  /** @internal */
  apply({ uid, state, previous }: Applied<State>): void {
    if (previous !== undefined) this.remove(this.keyOf(previous), uid, state);
    if (state !== undefined) this.put(this.keyOf(state), uid, state);
  }

  private put(key: string, uid: string, state: State): void {
    const group = this.byKey.get(key);
    if (group === undefined) this.byKey.set(key, new Map([[uid, state]]));
    else group.set(uid, state);
  }

  private remove(key: string, uid: string, replacement: State | undefined): void {
    if (replacement !== undefined && this.keyOf(replacement) === key) return;
    const group = this.byKey.get(key);
    group?.delete(uid);
    if (group?.size === 0) this.byKey.delete(key);
  }
}
