import type { StateChange } from './state-record.js';

interface Versioned<State> {
  readonly version: number;
  readonly state: State;
}

/** What a change did: the state before and after; undefined when there was, or is, none. */
export interface Applied<State> {
  readonly uid: string;
  readonly state: State | undefined;
  readonly previous: State | undefined;
}

/**
 * Entities by uid with their versions, pure. The newest version wins, whatever order records come
 * in; the versions of deleted entities are remembered (the last `rememberedDeletions` of them), so
 * that a late older record does not bring them back.
 */
export class VersionedStates<State> {
  private readonly states = new Map<string, Versioned<State>>();
  private readonly deleted = new Map<string, number>();
  private readonly displacedUids = new Set<string>();

  constructor(private readonly rememberedDeletions = 10_000) {}

  get(uid: string): State | undefined {
    return this.states.get(uid)?.state;
  }

  /** Highest version seen of an entity, deleted or not. */
  versionOf(uid: string): number | undefined {
    return this.states.get(uid)?.version ?? this.deleted.get(uid);
  }

  get size(): number {
    return this.states.size;
  }

  *values(): IterableIterator<State> {
    for (const { state } of this.states.values()) yield state;
  }

  uids(): IterableIterator<string> {
    return this.states.keys();
  }

  /**
   * Entities whose last record in the topic is not the one that counts (an older one came later, or
   * a forged one): compaction would keep the wrong record, so the owner must publish them again.
   */
  get displaced(): ReadonlySet<string> {
    return this.displacedUids;
  }

  displace(uid: string): void {
    this.displacedUids.add(uid);
  }

  /** Takes a record in. @returns what changed; undefined when the record was old news */
  apply(change: StateChange<State>): Applied<State> | undefined {
    const known = this.versionOf(change.uid) ?? 0;
    const isUndeletion = change.state !== null && this.deleted.has(change.uid);
    if (change.version < known || (change.version === known && isUndeletion)) {
      this.displacedUids.add(change.uid);
      return undefined;
    }
    this.displacedUids.delete(change.uid);
    const previous = this.get(change.uid);
    if (change.state === null) return this.remove(change, previous);
    if (change.version === known && isSame(previous, change.state)) return undefined;
    this.deleted.delete(change.uid);
    this.states.set(change.uid, { version: change.version, state: change.state });
    return { uid: change.uid, state: change.state, previous };
  }

  private remove(
    { uid, version }: StateChange<State>,
    previous: State | undefined,
  ): Applied<State> | undefined {
    this.states.delete(uid);
    this.deleted.delete(uid);
    this.deleted.set(uid, version);
    if (this.deleted.size > this.rememberedDeletions) {
      const [oldest] = this.deleted.keys();
      if (oldest !== undefined) this.deleted.delete(oldest);
    }
    return previous === undefined ? undefined : { uid, state: undefined, previous };
  }
}

/** A repetition is written byte by byte like the first; another text is another state. */
const isSame = <State>(a: State | undefined, b: State): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
