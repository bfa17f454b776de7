import { Logger } from '@nestjs/common';
import { setImmediate as yieldToOthers } from 'node:timers/promises';

import { fromRecord } from '../../../events/codec/kafka-binding.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import type { EventLog, LogRecord } from '../../../kafka/log/event-log.js';
import { cursorHead, type Cursor } from '../domain/cursor.js';
import type { Gap, LogState, Reconciled } from '../../../delivery/core/position.js';
import {
  newestRevision,
  SubscriptionMatcher,
} from '../../../delivery/core/subscription-matcher.js';
import type { Claim } from '../persistence/lease.store.js';
import type { LeaseProof } from './lease-proof.js';
import { PartitionSource, type SourceOwner } from './partition-source.js';
import type { ControlItem, EndReason, Pulled, PullOptions, ReaderItem } from './reader-items.js';
import { recoverPosition, type RecoveryServices } from './recover-position.js';
import { SourceSet, type Room } from './source-set.js';
import { Beginnings, type StartingPoint } from './starting-point.js';
import type { StreamLimits } from './stream-limits.js';
import { WakeUp } from '../../../common/wake-up.js';

/** What a reader needs of the process. */
export interface ReaderServices extends RecoveryServices {
  readonly log: EventLog;
  readonly limits: StreamLimits;
  readonly leases: Pick<LeaseProof, 'stale'>;
}

/** Who reads what, and from where. */
export interface ReaderIdentity {
  readonly id: string;
  /** Uid of the key that opened it. */
  readonly keyUid: string;
  readonly startingPoint: StartingPoint | undefined;
}

/**
 * One reader of a subscription: merges the partitions that it holds into one stream of items, for
 * whoever pulls. Not pulling is the back-pressure: it holds at most one slice of each partition.
 */
export class Reader implements SourceOwner {
  /** Set between two polls of a long-poll client: monotonic milliseconds since when. */
  idleSince: number | undefined;
  private readonly logger = new Logger('StreamReader');
  private readonly sources = new SourceSet();
  private readonly beginnings: Beginnings;
  private readonly news: Omit<ControlItem, 'cursor'>[] = [];
  private readonly wakeUp = new WakeUp();
  private matcher: SubscriptionMatcher;
  private assignedOnce = false;
  private assignmentChanged = false;
  private finalCursor: string | undefined;
  private endReason: EndReason | undefined;

  constructor(
    private readonly services: ReaderServices,
    private state: SubscriptionState,
    private readonly identity: ReaderIdentity,
    /** Kafka's id of the topic now. */
    private topicId: string,
  ) {
    this.matcher = new SubscriptionMatcher(state);
    this.beginnings = new Beginnings(identity.startingPoint);
  }

  get id(): string {
    return this.identity.id;
  }
  get keyUid(): string {
    return this.identity.keyUid;
  }
  get subscription(): SubscriptionState {
    return this.state;
  }
  get holdsNothing(): boolean {
    return this.sources.size === 0;
  }
  get ended(): EndReason | undefined {
    return this.endReason;
  }

  /** Where the client stands: behind all that was handed out. */
  get cursor(): string {
    if (this.finalCursor !== undefined) return this.finalCursor;
    const head = cursorHead({
      subscriptionUid: this.state.uid,
      readerId: this.id,
      topicId: this.topicId,
      filterRevision: newestRevision(this.state),
    });
    return `${head}${this.sources.positionsIn(this.topicId)}`;
  }

  private get paused(): boolean {
    return this.state.status === 'paused' || this.state.status === 'disabled';
  }

  /** Lets go of partitions that are not claimed any more. */
  release(claims: readonly Claim[]): void {
    const kept = new Map(claims.map(({ partition, epoch }) => [partition, epoch]));
    // A lower epoch is news from before this reader itself raised it.
    const lost = [...this.sources].filter(
      ({ partition, epoch }) => !((kept.get(partition) ?? Infinity) <= epoch),
    );
    for (const source of lost) this.drop(source);
  }

  /** Begins to read what is claimed and not read yet. */
  acquire(claims: readonly Claim[]): void {
    const added = claims.filter(({ partition }) => !this.sources.has(partition));
    for (const claim of added) this.sources.add(this.sourceOf(claim, claims));
    if (!this.assignedOnce && this.paused) this.tellStatus();
    const changed = !this.assignedOnce || this.assignmentChanged || added.length > 0;
    this.assignedOnce = true;
    this.assignmentChanged = false;
    if (changed) this.tellAssigned();
  }

  /** Takes in a change of the subscription. */
  update(after: SubscriptionState): void {
    const filterRevision = newestRevision(this.state);
    const wasPaused = this.paused;
    this.state = after;
    this.matcher = new SubscriptionMatcher(after);
    this.sources.rejudge(after, filterRevision);
    if (this.paused !== wasPaused) this.tellStatus();
    if (after.status === 'broken') this.end('broken');
    this.wakeUp.wake();
  }

  /** Nothing more is handed out after what was told already. */
  end(reason: EndReason): void {
    if (this.endReason !== undefined) return;
    this.finalCursor = this.cursor;
    this.endReason = reason;
    this.sources.dropAll();
    this.wakeUp.wake();
  }

  /**
   * Goes back to where a cursor of this reader stands: its client did not get, or dropped, what was
   * handed out since.
   */
  rewindTo(cursor: Cursor): void {
    this.sources.rewindTo(cursor, this.state);
  }

  /**
   * The next items; waits for the first one. Only one pull at a time.
   * @returns no items when the time was up, `ended` when nothing follows
   */
  async pull(options: PullOptions): Promise<Pulled> {
    const deadline = performance.now() + options.waitMs;
    for (;;) {
      const { items, more } = this.collect(options);
      const left = deadline - performance.now();
      const over = this.endReason !== undefined || options.signal?.aborted === true || left <= 0;
      if (items.length > 0 || over) return { items, cursor: this.cursor, ended: this.endReason };
      if (more) await yieldToOthers();
      else await this.wakeUp.wait(left, options.signal);
    }
  }

  onReady(): void {
    this.wake();
  }

  /** Looks again whether there is something to hand out. */
  wake(): void {
    this.wakeUp.wake();
  }

  onFailure(partition: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.warn(`${this.state.id}: partition ${partition} is tried again: ${reason}`);
  }

  async onLost(
    source: PartitionSource,
    log: LogState | undefined,
  ): Promise<Reconciled | undefined> {
    const recovered = await recoverPosition(this.services, this.state, source, log);
    if (recovered === undefined) this.drop(source);
    else this.topicId = recovered.position.topicId;
    return recovered;
  }

  onGap(partition: number, { reason, from, to }: Gap): void {
    this.tell('gap', { partition, fromOffset: from, toOffset: to, reason });
  }

  private drop(source: PartitionSource): void {
    this.sources.drop(source);
    this.assignmentChanged = true;
  }

  private sourceOf(claim: Claim, all: readonly Claim[]): PartitionSource {
    const { log, limits } = this.services;
    const share = Math.floor(limits.windowBytes / Math.max(1, all.length));
    const options = {
      topic: this.state.topic,
      partition: claim.partition,
      maxBytes: Math.max(limits.minSliceBytes, share),
      maxRecords: limits.maxSliceRecords,
    };
    const initial = this.beginnings.positionOf(claim, this.state, !this.assignedOnce);
    return new PartitionSource(log, options, claim.epoch, initial, this);
  }

  private collect(room: Room): { readonly items: readonly ReaderItem[]; readonly more: boolean } {
    // Their cursor is that of now: the reader may have been sent back since they came up.
    const items: ReaderItem[] = this.news
      .splice(0)
      .map((item) => ({ ...item, cursor: this.cursor }));
    const withheld = this.paused || this.endReason !== undefined || this.services.leases.stale;
    if (withheld) return { items, more: false };
    const more = this.sources.take(room, (record) => {
      const item = this.itemOf(record);
      if (item !== undefined) items.push(item);
      return item !== undefined;
    });
    return { items, more };
  }

  private itemOf(record: LogRecord): ReaderItem | undefined {
    const event = fromRecord(record);
    const { topic, partition, offset } = record;
    if (!this.matcher.matches(this.topicId, { partition, offset, event })) return undefined;
    return { kind: 'event', event, place: { topic, partition, offset }, cursor: this.cursor };
  }

  private tellStatus(): void {
    const { status, reason } = this.state;
    this.tell(this.paused ? 'paused' : 'resumed', { status, reason });
  }

  private tellAssigned(): void {
    this.tell('assigned', { partitions: this.sources.partitions });
  }

  private tell(name: ControlItem['name'], body: ControlItem['body']): void {
    this.news.push({ kind: 'control', name, body });
    this.wakeUp.wake();
  }
}
