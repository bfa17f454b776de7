/** What a group, a member or an expected member takes besides the bytes that came over the wire. */
export const OBJECT_BYTES = 1_000;

/**
 * Bounds the memory of all groups and their members together, about: ids, metadata, assignments, and
 * what comes with each. What is there stays; more is refused.
 */
export class GroupMemory {
  private used = 0;

  constructor(private readonly max: number) {}

  hasRoomFor(bytes: number): boolean {
    return bytes <= 0 || this.used + bytes <= this.max;
  }

  /** So many bytes are taken, or, negative, free again. */
  take(bytes: number): void {
    this.used += bytes;
  }
}
