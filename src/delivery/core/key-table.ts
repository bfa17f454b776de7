/** What the key table needs of a delivery. */
export interface Keyed {
  readonly offset: number;
  /** Null: waits for no other. */
  readonly orderKey: string | null;
  /** Of a former incarnation of the topic: earlier than all of the present one. */
  readonly former: boolean;
}

const isLater = (one: Keyed, other: Keyed): boolean =>
  one.former === other.former ? one.offset > other.offset : other.former;

interface KeyState<Item> {
  /** Undefined once the state is out of the table: old tables of a Map may still hold it. */
  current: Item | undefined;
  /** By offset. */
  readonly waiting: Item[];
}

/**
 * Who may go of each key: one at a time, in the order of offsets, whatever source they come from. A
 * lower offset that comes late (a redrive) goes next, after the one in progress. Pure.
 */
export class KeyTable<Item extends Keyed> {
  private readonly keys = new Map<string, KeyState<Item>>();

  /** Takes an item in; true when it may go now, false when it waits for its key. */
  enter(item: Item): boolean {
    if (item.orderKey === null) return true;
    const state = this.keys.get(item.orderKey);
    if (state === undefined) {
      this.keys.set(item.orderKey, { current: item, waiting: [] });
      return true;
    }
    const at = state.waiting.findLastIndex((each) => !isLater(each, item)) + 1;
    state.waiting.splice(at, 0, item);
    return false;
  }

  /** The one that goes directly before an item of its key; undefined when it is the item's turn. */
  before(item: Item): Item | undefined {
    const state = item.orderKey === null ? undefined : this.keys.get(item.orderKey);
    const at = state?.waiting.lastIndexOf(item) ?? -1;
    return at > 0 ? state?.waiting[at - 1] : at === 0 ? state?.current : undefined;
  }

  /** Those that wait behind an item of the same key, by offset. */
  followers(item: Item): readonly Item[] {
    if (item.orderKey === null) return [];
    return this.keys.get(item.orderKey)?.waiting ?? [];
  }

  /** The item is through; gives the one that may go now. */
  leave(item: Item): Item | undefined {
    if (item.orderKey === null) return undefined;
    const state = this.keys.get(item.orderKey);
    if (state?.current !== item) return undefined;
    const next = state.waiting.shift();
    state.current = next;
    if (next === undefined) this.keys.delete(item.orderKey);
    return next;
  }

  /** Takes waiting and current items out for which `goes` says so; gives those whose turn came. */
  drop(goes: (item: Item) => boolean): readonly Item[] {
    const promoted: Item[] = [];
    for (const [key, state] of this.keys) {
      const kept = state.waiting.filter((item) => !goes(item));
      state.waiting.splice(0, state.waiting.length, ...kept);
      if (state.current !== undefined && !goes(state.current)) continue;
      const next = state.waiting.shift();
      state.current = next;
      if (next === undefined) this.keys.delete(key);
      else promoted.push(next);
    }
    return promoted;
  }
}
