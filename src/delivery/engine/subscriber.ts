/**
 * Long because sending is decided in one place: what may go now, what an attempt's outcome means for
 * breaker, limit, lane and the subscription itself.
 */
import type { Clock } from '../../common/clock.js';
import type { AttemptFault, BehindReason } from '../../kafka/contracts/delivery-shapes.js';
import type { SubscriptionState } from '../../kafka/contracts/subscriptions.contracts.js';
import { Breaker } from '../core/breaker.js';
import { ConcurrencyLimit } from '../core/concurrency-limit.js';
import type { Delivery } from '../core/delivery.js';
import { ExceptionBudget } from '../core/exception-budget.js';
import { nextAttemptAt } from '../core/retry-schedule.js';
import { SubscriptionMatcher } from '../core/subscription-matcher.js';
import type {
  AttemptOutcome,
  DeliverableEvent,
  DeliveryListener,
  DeliveryLog,
  DeliveryTarget,
  DeliveryTargets,
} from './ports.js';
import { RecordMissing, type LoadingLane, type RecordLoader } from './record-loader.js';

/** What all subscribers of a process share. */
export interface SubscriberServices {
  readonly clock: Clock;
  readonly targets: DeliveryTargets;
  readonly listener: DeliveryListener;
  readonly records: RecordLoader;
  readonly log: DeliveryLog;
  readonly maxExceptions: number;
}

/** A lane as its subscription sees it. */
export interface SubscriberLane extends LoadingLane {
  /** Whether this process may be sure that the partition is its own. */
  readonly mayDeliver: boolean;
  /** When the next retry is due, Unix milliseconds. */
  readonly nextDue: number | undefined;
  /** @param probe set: any delivery will do, chosen by this number from 0 to 1 */
  next(now: number, probe?: number): Delivery | undefined;
  eventOf(delivery: Delivery): DeliverableEvent;
  delivered(delivery: Delivery): void;
  retry(delivery: Delivery, due: number, error: AttemptFault): void;
  die(delivery: Delivery, error: AttemptFault): void;
  putBack(delivery: Delivery, due: number): void;
  vanish(delivery: Delivery, missing: RecordMissing): void;
  attemptEnded(): void;
  progressed(): void;
  goBehind(reason: BehindReason): void;
  subscriptionChanged(): void;
}

type Failed = Extract<AttemptOutcome, { outcome: 'failed' }>;

/** A receiver may hold up a whole subscription for at most this long at a time. */
const LONGEST_HOLD_MS = 300_000;
const OWNERSHIP_DOUBT_MS = 100;
const LOAD_AGAIN_MS = 1_000;
const WARN_EVERY_MS = 10_000;
const TELL_AGAIN_MS = 1_000;
const LONGEST_SLEEP_MS = 60_000;

/** One subscription in this process: its lanes, and what they share when they send. */
export class Subscriber {
  readonly budget: ExceptionBudget;
  private readonly breaker = new Breaker();
  private readonly limit: ConcurrencyLimit;
  private readonly lanes = new Set<SubscriberLane>();
  private readonly ended = new AbortController();
  private matcher: SubscriptionMatcher;
  private target: DeliveryTarget;
  private inFlight = 0;
  /** Monotonic: nothing starts before. */
  private holdUntil = 0;
  /** Monotonic: what cannot be loaded is not warned of again before. */
  private quietUntil = 0;
  /** The receiver said that it is gone; until the subscription changes. */
  private gone = false;
  private wakeTimer: NodeJS.Timeout | undefined;
  private wakeAt = Infinity;

  constructor(
    private current: SubscriptionState,
    private readonly services: SubscriberServices,
  ) {
    this.budget = new ExceptionBudget(services.maxExceptions);
    this.matcher = new SubscriptionMatcher(current);
    this.target = services.targets.prepare(current);
    this.limit = new ConcurrencyLimit(this.target.policy.maxInFlight);
  }

  get state(): SubscriptionState {
    return this.current;
  }

  get filters(): SubscriptionState['filters'] {
    return this.current.filters;
  }

  get ordered(): boolean {
    return this.target.policy.ordered;
  }

  get attemptTimeoutMs(): number {
    return this.target.policy.attemptTimeoutMs;
  }

  /** Attempts under way. */
  get busy(): number {
    return this.inFlight;
  }

  /** Whether it is told to stand still. */
  get halted(): boolean {
    return this.current.status !== 'active';
  }

  /** Whether its lanes are to read on: there is a chance that something may be sent. */
  get readsOn(): boolean {
    return !this.halted && !this.gone && this.breaker.allows(this.services.clock.monotonicMs());
  }

  matches(...judged: Parameters<SubscriptionMatcher['matches']>): boolean {
    return this.matcher.matches(...judged);
  }

  attach(lane: SubscriberLane): void {
    this.lanes.add(lane);
  }

  detach(lane: SubscriberLane): void {
    this.lanes.delete(lane);
  }

  /** Takes in a change of the subscription. */
  update(state: SubscriptionState): void {
    const changed = state.status !== this.current.status || state.since !== this.current.since;
    if (changed) this.gone = false;
    const settings = state.webhook !== this.current.webhook;
    this.current = state;
    this.matcher = new SubscriptionMatcher(state);
    if (settings || changed) this.target = this.services.targets.prepare(state);
    this.limit.setMaximum(this.target.policy.maxInFlight);
    for (const lane of this.lanes) lane.subscriptionChanged();
    this.pump();
  }

  /** The subscription is gone, or the process ends: attempts under way are cut off. */
  end(): void {
    clearTimeout(this.wakeTimer);
    this.ended.abort();
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.ended.signal.aborted) return;
    const now = this.services.clock.now().getTime();
    while (this.mayStart()) {
      const found = this.nextOf(now);
      if (found === undefined) break;
      void this.attempt(found.lane, found.delivery);
    }
    this.planWake(now);
  }

  private mayStart(): boolean {
    const now = this.services.clock.monotonicMs();
    if (this.halted || this.gone || this.inFlight >= this.limit.value) return false;
    return now >= this.holdUntil && this.breaker.allows(now);
  }

  /** Lanes take turns: the one that gave something goes to the end. */
  private nextOf(
    now: number,
  ): { readonly lane: SubscriberLane; readonly delivery: Delivery } | undefined {
    const probe = this.breaker.state === 'closed' ? undefined : Math.random();
    for (const lane of this.lanes) {
      if (!lane.mayDeliver) continue;
      const delivery = lane.next(now, probe);
      if (delivery === undefined) continue;
      this.lanes.delete(lane);
      this.lanes.add(lane);
      return { lane, delivery };
    }
    return undefined;
  }

  private async attempt(lane: SubscriberLane, delivery: Delivery): Promise<void> {
    this.inFlight += 1;
    this.breaker.started();
    try {
      if (delivery.record === undefined) {
        await this.services.records.load(lane, delivery);
        if (!this.maySendNow(lane)) return this.takeBack(lane, delivery);
      }
      const outcome = await this.target.deliver(lane.eventOf(delivery), this.ended.signal);
      this.services.listener.attempted(this.current, outcome.outcome);
      this.judge(lane, delivery, outcome);
    } catch (error) {
      this.breaker.probeAbandoned();
      this.giveBack(lane, delivery, error);
    } finally {
      this.inFlight -= 1;
      lane.attemptEnded();
      this.pump();
    }
  }

  /** Loading took a while: the partition may be another's by now, the subscription paused. */
  private maySendNow(lane: SubscriberLane): boolean {
    return lane.mayDeliver && !this.halted && !this.gone;
  }

  private takeBack(lane: SubscriberLane, delivery: Delivery): void {
    this.breaker.probeAbandoned();
    lane.putBack(delivery, this.services.clock.now().getTime());
  }

  private judge(lane: SubscriberLane, delivery: Delivery, outcome: AttemptOutcome): void {
    switch (outcome.outcome) {
      case 'delivered':
        this.breaker.succeeded();
        this.limit.succeeded();
        lane.delivered(delivery);
        return;
      case 'failed':
        this.onFailure(lane, delivery, outcome);
        return;
      case 'gone':
        this.takeBack(lane, delivery);
        this.onGone();
        return;
      case 'refused':
        this.breaker.probeAbandoned();
        lane.die(delivery, outcome.error);
        this.services.listener.deadLettered(this.current);
    }
  }

  private onFailure(lane: SubscriberLane, delivery: Delivery, failed: Failed): void {
    const { clock, listener } = this.services;
    const now = clock.now().getTime();
    if (failed.slowDown) this.slowDown(failed.retryAfterMs ?? 0);
    const wasClosed = this.breaker.state === 'closed';
    const isOpen = this.breaker.failed(clock.monotonicMs());
    if (wasClosed) {
      const { schedule } = this.target.policy;
      const extra = { random: Math.random(), retryAfterMs: failed.retryAfterMs ?? 0 };
      const due = nextAttemptAt(schedule, delivery.attempts + 1, now, extra);
      if (due !== undefined) lane.retry(delivery, due, failed.error);
      else {
        lane.die(delivery, failed.error);
        listener.deadLettered(this.current);
      }
    } else lane.putBack(delivery, now);
    if (isOpen) for (const each of this.lanes) each.goBehind('breaker');
  }

  private slowDown(retryAfterMs: number): void {
    this.limit.slowDown();
    const hold = Math.min(retryAfterMs, LONGEST_HOLD_MS);
    this.holdUntil = Math.max(this.holdUntil, this.services.clock.monotonicMs() + hold);
  }

  /** Nothing more is sent; told until it is heard. */
  private onGone(): void {
    if (this.gone) return;
    this.gone = true;
    for (const lane of this.lanes) lane.goBehind('halted');
    const tell = (): void => {
      if (!this.gone || this.ended.signal.aborted) return;
      this.services.listener.gone(this.current).catch((error: unknown) => {
        this.services.log.warn(`${this.current.id} is gone, which cannot be told yet: ${error}`);
        setTimeout(tell, TELL_AGAIN_MS).unref();
      });
    };
    tell();
  }

  private giveBack(lane: SubscriberLane, delivery: Delivery, error: unknown): void {
    if (this.ended.signal.aborted) return;
    if (error instanceof RecordMissing) return lane.vanish(delivery, error);
    const mono = this.services.clock.monotonicMs();
    if (mono >= this.quietUntil) {
      this.quietUntil = mono + WARN_EVERY_MS;
      const { id } = this.current;
      this.services.log.warn(`${id}: offset ${delivery.offset} is not sent yet: ${String(error)}`);
    }
    lane.putBack(delivery, this.services.clock.now().getTime() + LOAD_AGAIN_MS);
    this.holdUntil = Math.max(this.holdUntil, mono + LOAD_AGAIN_MS / 10);
  }

  /** Has it pumped again when time alone lets something go; all else that could pumps by itself. */
  private planWake(now: number): void {
    if (this.halted || this.gone) return;
    const mono = this.services.clock.monotonicMs();
    const blockedUntil = Math.max(this.holdUntil, this.breaker.nextProbeAt ?? 0);
    let at = blockedUntil > mono ? blockedUntil : Infinity;
    for (const lane of this.lanes) {
      if (!lane.mayDeliver) at = Math.min(at, mono + OWNERSHIP_DOUBT_MS);
      else if (lane.nextDue !== undefined && this.inFlight < this.limit.value) {
        at = Math.min(at, Math.max(blockedUntil, mono + lane.nextDue - now));
      }
    }
    if (at === Infinity || (this.wakeTimer !== undefined && this.wakeAt === at)) return;
    clearTimeout(this.wakeTimer);
    this.wakeAt = at;
    const inMs = Math.min(Math.max(1, at - mono), LONGEST_SLEEP_MS);
    this.wakeTimer = setTimeout(() => this.onWake(), inMs).unref();
  }

  private onWake(): void {
    this.wakeTimer = undefined;
    this.pump();
    for (const lane of this.lanes) lane.progressed();
  }
}
