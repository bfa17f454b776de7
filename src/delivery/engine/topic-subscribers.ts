import type { CloudEvent } from '../../events/cloud-event.js';
import { SubscriptionIndex } from '../core/subscription-index.js';
import type { Subscriber } from './subscriber.js';

/** The subscriptions of one topic, found by what an event carries. */
export class TopicSubscribers {
  private readonly index = new SubscriptionIndex<Subscriber>();
  private readonly members = new Map<string, Subscriber>();

  get size(): number {
    return this.members.size;
  }

  [Symbol.iterator](): IterableIterator<Subscriber> {
    return this.members.values();
  }

  /** Takes one in; again when its filters changed. */
  put(subscriber: Subscriber): void {
    this.members.set(subscriber.state.uid, subscriber);
    this.index.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.members.delete(subscriber.state.uid);
    this.index.delete(subscriber);
  }

  /** Those that the event may be for. */
  candidates(judged: { readonly event: CloudEvent }): IterableIterator<Subscriber> {
    return this.index.candidates(judged);
  }
}
