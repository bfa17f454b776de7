import { lowerBound } from './lower-bound.js';
import { type Segment } from './segment.js';

/** A log's segments in order of their offsets; the last one is active. Never empty. */
export class SegmentList {
  private items: readonly Segment[];

  constructor(segments: readonly Segment[]) {
    this.items = segments;
  }

  get all(): readonly Segment[] {
    return this.items;
  }

  get active(): Segment {
    return this.items.at(-1)!;
  }

  get first(): Segment {
    return this.items[0]!;
  }

  get sizeBytes(): number {
    return this.items.reduce((total, segment) => total + segment.sizeBytes, 0);
  }

  /** Index of the segment that would hold the offset: the last that begins at or before it. */
  indexFor(offset: number): number {
    const { items } = this;
    return Math.max(0, lowerBound(items.length, (at) => items[at]!.baseOffset > offset) - 1);
  }

  at(index: number): Segment | undefined {
    return this.items[index];
  }

  /**
   * The next one by offset, also when the given one was replaced meanwhile. By then it may be in one
   * file with what came after it: who waits asks before.
   */
  after(segment: Segment): Segment | undefined {
    return this.items.find(({ baseOffset }) => baseOffset > segment.baseOffset);
  }

  push(segment: Segment): void {
    this.items = [...this.items, segment];
  }

  /** Puts one segment in the place of some neighbours. */
  replace(old: readonly Segment[], by: Segment): void {
    const at = this.items.indexOf(old[0]!);
    this.items = [...this.items.slice(0, at), by, ...this.items.slice(at + old.length)];
  }

  /** Takes the oldest ones out. */
  dropFirst(count: number): readonly Segment[] {
    const dropped = this.items.slice(0, count);
    this.items = this.items.slice(count);
    return dropped;
  }

  /** Takes all but the first ones out. */
  keepFirst(count: number): readonly Segment[] {
    const dropped = this.items.slice(count);
    this.items = this.items.slice(0, count);
    return dropped;
  }
}
