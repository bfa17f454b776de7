import { StateIndex, type CatchUp } from './state-index.js';
import type { StateChange } from './state-record.js';
import { VersionedStates } from './versioned-states.js';

export { StateIndex } from './state-index.js';

/** Told of each change, synchronously and in order; undefined: there is, or was, none. */
export type StateListener<State> = (
  uid: string,
  state: State | undefined,
  previous: State | undefined,
) => void;

/**
 * A state topic in memory, one per process. It is complete, as of the start, before the process
 * reports ready, and follows the topic from then on. Reading it asks nobody anything.
 */
export class StateTable<State> {
  private readonly states = new VersionedStates<State>();
  private readonly indexes: StateIndex<State>[] = [];
  private readonly listeners = new Set<StateListener<State>>();

  /** @param catchUp brings the table to its topic's end as of the call */
  constructor(private readonly catchUp: CatchUp) {}

  get(uid: string): State | undefined {
    return this.states.get(uid);
  }

  values(): IterableIterator<State> {
    return this.states.values();
  }

  get size(): number {
    return this.states.size;
  }

  /**
   * Tells `listener` of every change from now on. States that are there already are in `values()`.
   * @returns ends it
   */
  onChange(listener: StateListener<State>): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** An index that is kept with the table; make it once. */
  indexBy(keyOf: (state: State) => string): StateIndex<State> {
    const index = new StateIndex(keyOf, this.catchUp);
    for (const uid of this.states.uids()) {
      index.apply({ uid, state: this.states.get(uid), previous: undefined });
    }
    this.indexes.push(index);
    return index;
  }

  /** Highest version seen of an entity, deleted or not. */
  versionOf(uid: string): number | undefined {
    return this.states.versionOf(uid);
  }

  /** Uids of the entities that are there. */
  uids(): IterableIterator<string> {
    return this.states.uids();
  }

  /** Entities whose last record in the topic is not the one that counts. */
  get displaced(): ReadonlySet<string> {
    return this.states.displaced;
  }

  /** A record that must not count came after the entity's own. */
  displace(uid: string): void {
    this.states.displace(uid);
  }

  /** Takes in a record of the topic; older versions change nothing. */
  apply(change: StateChange<State>): void {
    const applied = this.states.apply(change);
    if (applied === undefined) return;
    for (const index of this.indexes) index.apply(applied);
    for (const listener of this.listeners) {
      listener(applied.uid, applied.state, applied.previous);
    }
  }
}
