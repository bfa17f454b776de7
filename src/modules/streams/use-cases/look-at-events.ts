import { Inject, Injectable } from '@nestjs/common';

import type { Principal } from '../../../auth/principal.js';
import type { CloudEvent } from '../../../events/cloud-event.js';
import { fromRecord } from '../../../events/codec/kafka-binding.js';
import { compileFilter, type EventPredicate } from '../../../events/filter/compile-filter.js';
import { EVENT_LOG, type EventLog, type LogRecord } from '../../../kafka/log/event-log.js';
import { LogOffsetOutOfRange } from '../../../kafka/log/log.errors.js';
import type { EventPlace } from '../domain/event-envelope.js';
import { encodeLook } from '../domain/look-cursor.js';
import { BoundedScan, type Stretch } from '../reading/bounded-scan.js';
import { LookStart, type LookedTopic, type LookWhere } from '../reading/look-start.js';

/** Bounds of one look, so that a rare filter costs several small requests rather than a huge one. */
const MAX_SCANNED = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_MS = 3_000;

/** What is looked for. */
export interface LookQuery extends LookWhere {
  readonly limit: number;
  /** Only events with this partitionkey. */
  readonly key?: string;
  /** A filter expression. */
  readonly filter?: unknown;
}

/** An event that was found. */
export interface FoundEvent {
  readonly event: CloudEvent;
  readonly place: EventPlace;
}

/** What one look found; with a cursor when there is more to look at. */
export interface LookPage {
  readonly found: readonly FoundEvent[];
  readonly nextCursor: string | null;
}

/** Looks into a topic without a subscription: no lease, no position, bounded work. */
@Injectable()
export class LookAtEvents {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly start: LookStart,
  ) {}

  /**
   * Events in order of time across partitions, as far as their clocks agree.
   * @throws StreamTopicUnknown, TopicForbidden, FromInvalid, CursorInvalid, FilterInvalid,
   *   LogUnavailable
   */
  async execute(principal: Principal, topicName: string, query: LookQuery): Promise<LookPage> {
    const passes = compileFilter(query.filter);
    const topic = await this.start.requireTopic(principal, topicName);
    const stretches = await this.start.stretches(topic, query, query.limit);
    const wanted: EventPredicate = (event) =>
      (principal.tenant === null || event.tenant === principal.tenant) &&
      (query.key === undefined || event.partitionkey === query.key) &&
      passes(event);
    const scans = stretches.map((stretch: Stretch) => new BoundedScan(this.log, topic, stretch));
    try {
      const found = await scanAll(scans, wanted, query.limit);
      return { found, nextCursor: nextCursor(topic, scans) };
    } finally {
      await Promise.all(scans.map((scan) => scan.close()));
    }
  }
}

async function scanAll(
  scans: readonly BoundedScan[],
  wanted: EventPredicate,
  limit: number,
): Promise<readonly FoundEvent[]> {
  const timeUp = AbortSignal.timeout(MAX_MS);
  const found: FoundEvent[] = [];
  let bytes = 0;
  for (let scanned = 0; scanned < MAX_SCANNED && bytes < MAX_BYTES; scanned += 1) {
    if (found.length === limit || timeUp.aborted) break;
    const next = await oldest(scans, timeUp);
    if (next === undefined) break;
    const { scan, record } = next;
    scan.take();
    const event = fromRecord(record);
    if (!wanted(event)) continue;
    const { topic, partition, offset } = record;
    found.push({ event, place: { topic, partition, offset } });
    bytes += record.value?.length ?? 0;
  }
  return found;
}

/** The scan whose next record is the oldest of all; undefined when nothing is left, or time is up. */
async function oldest(
  scans: readonly BoundedScan[],
  timeUp: AbortSignal,
): Promise<{ readonly scan: BoundedScan; readonly record: LogRecord } | undefined> {
  let best: { readonly scan: BoundedScan; readonly record: LogRecord } | undefined;
  for (const scan of scans) {
    const record = await peekUntil(scan, timeUp);
    if (timeUp.aborted) return undefined;
    if (record === undefined) continue;
    if (best === undefined || record.timestamp < best.record.timestamp) best = { scan, record };
  }
  return best;
}

async function peekUntil(scan: BoundedScan, timeUp: AbortSignal): Promise<LogRecord | undefined> {
  try {
    return await scan.peek(timeUp);
  } catch (error) {
    if (timeUp.aborted) return undefined;
    // Retention took the stretch while it was looked at: the rest of it is looked at next time.
    if (error instanceof LogOffsetOutOfRange) return undefined;
    throw error;
  }
}

function nextCursor(topic: LookedTopic, scans: readonly BoundedScan[]): string | null {
  const open = scans.filter((scan) => !scan.finished);
  if (open.length === 0) return null;
  return encodeLook({
    topicId: topic.id,
    offsets: new Map(open.map((scan) => [scan.partition, scan.position])),
  });
}
