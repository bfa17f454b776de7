import type { Coordination, LeaseStore } from '../persistence/lease.store.js';
import type { Reader } from './reader.js';

/**
 * This process's readers of one subscription. Coordinations run one after the other; those asked
 * for while one runs become a single one after it.
 */
export class ReaderGroup {
  /** As of the last coordination; another one in the database asks for a coordination. */
  generation = -1;
  private readonly readers = new Map<string, Reader>();
  private readonly adopting = new Set<string>();
  private asked = 0;
  private done = 0;
  private running: Promise<void> | undefined;

  constructor(
    readonly subscriptionUid: string,
    readonly topic: string,
    private readonly instanceId: string,
    private readonly store: LeaseStore,
    private partitions: readonly number[],
  ) {}

  /** Whether the database has yet to hear of something. */
  get dirty(): boolean {
    return this.done < this.asked;
  }

  get empty(): boolean {
    return this.readers.size === 0;
  }

  has(reader: Reader): boolean {
    return this.readers.get(reader.id) === reader;
  }

  /** @param adopt the id may be that of a reader that was served elsewhere, or here until now */
  add(reader: Reader, adopt: boolean): void {
    this.readers.get(reader.id)?.end('superseded');
    this.readers.set(reader.id, reader);
    if (adopt) this.adopting.add(reader.id);
    this.ask();
  }

  remove(reader: Reader): void {
    if (!this.has(reader)) return;
    this.readers.delete(reader.id);
    this.ask();
  }

  setPartitions(partitions: readonly number[]): void {
    if (partitions.length === this.partitions.length) return;
    this.partitions = partitions;
    this.ask();
  }

  wakeReaders(): void {
    for (const reader of this.readers.values()) reader.wake();
  }

  /** The next `settle` shall coordinate. */
  ask(): void {
    this.asked += 1;
  }

  /**
   * Coordinates until everything that was asked for before the call is in the database.
   * @throws when the database does not answer; what was asked for stays asked
   */
  async settle(): Promise<void> {
    const wanted = this.asked;
    while (this.done < wanted) {
      this.running ??= this.coordinate().finally(() => {
        this.running = undefined;
      });
      await this.running;
    }
  }

  private async coordinate(): Promise<void> {
    const { asked } = this;
    const adopting = [...this.adopting];
    const coordination = await this.store.coordinate({
      subscriptionUid: this.subscriptionUid,
      instanceId: this.instanceId,
      readerIds: [...this.readers.keys()],
      adopting,
      partitions: this.partitions,
    });
    for (const id of adopting) this.adopting.delete(id);
    this.carryOut(coordination);
    this.generation = coordination.generation;
    this.done = asked;
  }

  /** First all readers let go, then all take: a partition is never read by two of them. */
  private carryOut({ claims, moved }: Coordination): void {
    for (const [id, list] of claims) this.readers.get(id)?.release(list);
    for (const [id, list] of claims) this.readers.get(id)?.acquire(list);
    for (const id of moved) this.readers.get(id)?.end('superseded');
  }
}
