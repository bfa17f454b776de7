import type { Acknowledged } from '../checker/check-delivery.js';
import { checkWebhook, type Disturbance } from '../checker/check-webhook.js';
import type { Target } from './load.js';
import { Webhook, type WebhookSettings } from './webhook.js';
import { takes, Witness, type Manner } from './witness.js';

/** A kind of receiver. */
export interface Character {
  readonly name: string;
  readonly settings: WebhookSettings;
  /** Takes everything when not given. */
  readonly manner?: Manner;
}

/** One event in `n`; another one for each key. */
const oneIn = (n: number, { key, sequence }: { key: number; sequence: number }): boolean =>
  (sequence + 5 * key) % n === 0;

/** What webhooks meet: the quick and the slow, the failing and the hanging. */
export const characters = {
  ordered: { name: 'ordered', settings: { ordering: 'key' } },
  unordered: { name: 'unordered', settings: { ordering: 'none' } },
  failing: {
    name: 'failing',
    settings: { ordering: 'key' },
    manner: (delivery) => (oneIn(15, delivery) && delivery.attempt <= 2 ? 500 : 200),
  },
  hanging: {
    name: 'hanging',
    settings: { ordering: 'key', timeoutSeconds: 1 },
    manner: (delivery) => (oneIn(40, delivery) && delivery.attempt === 1 ? 'hang' : 200),
  },
  /** Two of three are not delivered at the only attempt; with more the breaker would spare them. */
  hopeless: {
    name: 'hopeless',
    settings: { ordering: 'key', scheduleSeconds: [] },
    manner: (delivery) => (oneIn(3, delivery) ? 200 : 500),
  },
  /** Four a second: what waits for it outlasts every bound. */
  slow: {
    name: 'slow',
    settings: { ordering: 'key', maxInFlight: 2 },
    manner: () => ({ status: 200, afterMs: 500 }),
  },
} satisfies Readonly<Record<string, Character>>;

/** Receivers in whose midst a kill finds something to spoil: much under way, much parked. */
export const targets = {
  busy: {
    name: 'busy',
    settings: { ordering: 'none', maxInFlight: 64 },
    manner: () => ({ status: 200, afterMs: 200 }),
  },
  /** The first event of each key fails, and is not tried again for a while. */
  stuck: {
    name: 'stuck',
    settings: { ordering: 'key', scheduleSeconds: [5, 5, 5, 5, 5, 5, 5, 5, 5, 5] },
    manner: ({ sequence }) => (sequence === 0 ? 500 : 200),
  },
} satisfies Readonly<Record<string, Character>>;

interface Member {
  readonly character: Character;
  readonly webhook: Webhook;
  readonly witness: Witness;
}

/** Webhook subscriptions to one topic, each with a receiver of its own character. */
export class Audience {
  private constructor(private readonly members: readonly Member[]) {}

  static async invite(
    target: Target,
    topic: string,
    invited: readonly Character[],
  ): Promise<Audience> {
    const members: Member[] = [];
    for (const character of invited) {
      const { name, settings, manner } = character;
      const witness = await Witness.listen(manner);
      const endpoint = { topic, url: witness.url, settings };
      const webhook = await Webhook.create(target, `${name}-${topic}`, endpoint);
      members.push({ character, webhook, witness });
    }
    return new Audience(members);
  }

  /** The receiver of a character. */
  witness(character: Character): Witness {
    return this.member(character).witness;
  }

  /** The subscription of a character. */
  webhook(character: Character): Webhook {
    return this.member(character).webhook;
  }

  /** All take everything from now on, and everything is waited for. */
  async drain(boundSeconds = 60): Promise<void> {
    for (const { witness } of this.members) witness.behave(takes);
    for (const { webhook } of this.members) await webhook.drained(boundSeconds);
  }

  /** Holds what was acknowledged against what came, and prints how much came twice. */
  async judge(
    acknowledged: readonly Acknowledged[],
    disturbances: readonly Disturbance[],
  ): Promise<{ readonly faults: readonly string[]; readonly repeats: number }> {
    const faults: string[] = [];
    let repeats = 0;
    for (const { character, webhook, witness } of this.members) {
      const verdict = checkWebhook(acknowledged, {
        ordered: character.settings.ordering === 'key',
        attempts: witness.attempts,
        deadLetters: await webhook.deadLetters(),
        disturbances,
      });
      repeats += verdict.repeats;
      faults.push(...verdict.faults.map((fault) => `${webhook.id}: ${fault}`));
      process.stdout.write(
        `${webhook.id}: ${acknowledged.length} events, ${verdict.attempts} attempts, ` +
          `${verdict.deadLetters} dead letters, ${verdict.repeats} repeats ` +
          `(of the last ${Math.round(verdict.oldestRepeatMs)} ms)\n`,
      );
    }
    return { faults, repeats };
  }

  /** How many dead letters there are in all. */
  async deadLetters(): Promise<number> {
    const lists = await Promise.all(this.members.map(({ webhook }) => webhook.deadLetters()));
    return lists.flat().length;
  }

  /** Closes all receivers. */
  async leave(): Promise<void> {
    await Promise.all(this.members.map(({ witness }) => witness.goAway()));
  }

  private member({ name }: Character): Member {
    return this.members.find(({ character }) => character.name === name)!;
  }
}
