import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { SubscriptionState } from '../../../kafka/contracts/subscriptions.contracts.js';
import { EVENT_LOG, type EventLog, type TopicDescription } from '../../../kafka/log/event-log.js';
import { decodeCursor, type Cursor } from '../domain/cursor.js';
import { parseFrom, type From } from '../domain/from.js';
import { CursorInvalid, FromInvalid, StreamBroken } from '../domain/streams.errors.js';
import type { Reader } from '../reading/reader.js';
import { Readers } from '../reading/readers.js';
import { startAtCursor, startAtOffsets, type StartingPoint } from '../reading/starting-point.js';
import { StreamDirectory } from '../reading/stream-directory.js';
import { TopicWatch } from '../reading/topic-watch.js';

/** Where a client asks to read; of several the first one here counts. Else: the committed cursor. */
export interface ReadFrom {
  /** Of a client that comes back: it also goes on as the same reader. */
  readonly resume?: string;
  readonly cursor?: string;
  /** See `parseFrom`. */
  readonly from?: string;
}

/** Lets a client become a reader of a stream. Moves no committed position. */
@Injectable()
export class OpenReader {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly directory: StreamDirectory,
    private readonly topics: TopicWatch,
    private readonly readers: Readers,
  ) {}

  /**
   * @throws StreamNotFound, StreamBroken, CursorInvalid, FromInvalid, TooManyReaders,
   *   StreamsDraining, LogUnavailable, DatabaseUnavailable
   */
  async execute(principal: Principal, id: string, where: ReadFrom): Promise<Reader> {
    const subscription = await this.directory.require(principal, id);
    if (subscription.status === 'broken') throw new StreamBroken(id, subscription.reason);
    const cursor = cursorOf(subscription, where.resume ?? where.cursor);
    const topic = await this.topics.describe(subscription.topic);
    if (topic === undefined) throw new StreamBroken(id, 'its topic is not in Kafka');
    return this.readers.start({
      subscription,
      topic,
      keyUid: principal.keyUid,
      startingPoint: cursor ? startAtCursor(cursor) : await this.startingPoint(topic, where.from),
      resumeId: where.resume === undefined ? undefined : cursor?.readerId,
    });
  }

  private async startingPoint(
    topic: TopicDescription,
    text: string | undefined,
  ): Promise<StartingPoint | undefined> {
    if (text === undefined) return undefined;
    return startAtOffsets(topic.id, await this.offsetsOf(topic.name, parseFrom(text)));
  }

  private async offsetsOf(topic: string, from: From): Promise<ReadonlyMap<number, number>> {
    if (from.kind === 'time') return this.log.admin.offsets(topic, { timestamp: from.timestamp });
    if (from.kind !== 'offsets') return this.log.admin.offsets(topic, from.kind);
    const ends = await this.log.admin.offsets(topic, 'latest');
    for (const [partition, offset] of from.offsets)
      if (offset > (ends.get(partition) ?? -1))
        throw new FromInvalid(`Partition ${partition} has no offset ${offset}.`);
    return from.offsets;
  }
}

/** @throws CursorInvalid */
export function cursorOf(subscription: SubscriptionState, text: string): Cursor;
export function cursorOf(
  subscription: SubscriptionState,
  text: string | undefined,
): Cursor | undefined;
export function cursorOf(
  subscription: SubscriptionState,
  text: string | undefined,
): Cursor | undefined {
  if (text === undefined) return undefined;
  const cursor = decodeCursor(text);
  if (cursor.subscriptionUid !== subscription.uid) throw new CursorInvalid();
  return cursor;
}
