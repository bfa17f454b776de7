import { LogTopicGone, LogUnavailable } from '../log.errors.js';
import { kafkaErrors } from '../protocol/error-codes.js';
import type { FetchResult } from '../protocol/fetch.js';
import type { Chunk, PartitionChunks } from './chunk-cache.js';
import { chunkOf } from './fetched.js';
import type { PartitionAddress } from './fetcher.js';

/** A reader as its source sees it. */
export interface Follower {
  /** Where it reads next. */
  readonly offset: number;
}

/** How far the tail is read ahead of the reader that is furthest. */
const AHEAD_BYTES = 512 * 1024;

/**
 * One partition as all readers in the process share it: the cached stretches, what is known of its
 * bounds, and its place at the tail.
 */
export class PartitionSource {
  /** End of what is readable, as last heard; undefined before the first answer. */
  endOffset: number | undefined;
  startOffset = 0;
  /** Where the tail is read on. */
  tailPosition = 0;
  /** Set once the topic was found deleted or made again: its id does not come back. */
  gone: LogTopicGone | undefined;
  /** Whether the tail fetcher has it, or would if there were room ahead of its readers. */
  joined = false;
  private readonly followers = new Set<Follower>();
  private readonly waiting = new Set<() => void>();
  private readonly direct = new Map<number, Promise<void>>();

  constructor(
    readonly address: PartitionAddress,
    readonly chunks: PartitionChunks,
    private readonly readAt: (offset: number) => Promise<FetchResult>,
  ) {}

  get followerCount(): number {
    return this.followers.size;
  }

  get unused(): boolean {
    return this.followers.size === 0;
  }

  /** Whether the tail is worth reading further now. */
  get wanted(): boolean {
    if (!this.joined || this.unused) return false;
    return this.waiting.size > 0 || this.chunks.bytesAfter(this.furthest()) < AHEAD_BYTES;
  }

  follow(follower: Follower): void {
    this.followers.add(follower);
  }

  unfollow(follower: Follower): void {
    this.followers.delete(follower);
  }

  /**
   * Reads at `offset` into the cache; readers at the same offset share the read.
   * @throws LogError as DirectRead
   */
  async load(offset: number): Promise<void> {
    let loading = this.direct.get(offset);
    if (loading === undefined) {
      loading = this.readInto(offset).finally(() => this.direct.delete(offset));
      this.direct.set(offset, loading);
    }
    return loading;
  }

  /** Calls `wake` once when the tail moved or failed; returns how to stop waiting. */
  wait(wake: () => void): () => void {
    this.waiting.add(wake);
    return () => this.waiting.delete(wake);
  }

  /** Puts the source at the tail from `offset` on. */
  join(offset: number): void {
    this.tailPosition = this.joined ? Math.max(this.tailPosition, offset) : offset;
    this.joined = true;
  }

  /** Takes the tail fetcher's answer for the position that it asked at. */
  accept(result: FetchResult | undefined, from: number): void {
    if (result?.errorCode !== kafkaErrors.NONE) {
      this.leaveTail();
      return;
    }
    const next = this.keep(result, from);
    if (next === from) return;
    this.tailPosition = Math.max(this.tailPosition, next);
    this.wake();
  }

  /**
   * The tail cannot be read: readers look for the reason themselves, by a direct read. What is
   * cached is forgotten, as a leader that comes back may have lost its log's end.
   */
  leaveTail(): void {
    this.joined = false;
    this.chunks.clear();
    this.endOffset = undefined;
    this.wake();
  }

  private async readInto(offset: number): Promise<void> {
    try {
      this.keep(await this.readAt(offset), offset);
    } catch (error) {
      if (error instanceof LogTopicGone) this.gone = error;
      this.chunks.clear();
      throw error;
    }
  }

  private keep(result: FetchResult, from: number): number {
    if (result.errorCode !== kafkaErrors.NONE) throw new LogUnavailable('Kafka cannot be read.');
    const { topic, partition } = this.address;
    const chunk: Chunk = chunkOf(result, { topic, partition, from });
    this.endOffset = this.endAfter(result);
    this.startOffset = result.startOffset;
    this.chunks.add(chunk);
    return chunk.next;
  }

  /**
   * Answers overtake each other. While the tail is followed an end that was seen stands, as a
   * reader before it would else wait at a tail that has gone past it.
   */
  private endAfter({ endOffset }: FetchResult): number {
    return this.joined ? Math.max(this.endOffset ?? 0, endOffset) : endOffset;
  }

  private furthest(): number {
    let furthest = 0;
    for (const { offset } of this.followers) furthest = Math.max(furthest, offset);
    return furthest;
  }

  private wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
