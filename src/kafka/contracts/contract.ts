import type { ModuleName } from './module-names.js';

/** A JSON Schema (draft 2020-12 subset that ajv compiles); also shown in /asyncapi.json. */
export type JsonSchema = Readonly<Record<string, unknown>>;

interface ContractBase {
  /** Dotted name that ends in a version: `catalog.topics.v1`. Kafka topic: prefix + name. */
  readonly name: string;
  /** The module that publishes it (state, event) or answers it (request). */
  readonly owner: ModuleName;
  /** One sentence for readers of /asyncapi.json. */
  readonly description: string;
}

/**
 * A compacted topic that holds the newest state of each entity, keyed by the entity's uid. Every
 * process reads it once into an in-memory table.
 */
export interface StateContract<State> extends ContractBase {
  readonly kind: 'state';
  readonly schema: JsonSchema;
  /** Records carry an HMAC made with the installation's key and are refused without it. */
  readonly authenticated: boolean;
  /** Type carrier only; never set. */
  readonly state?: State;
}

/** Something that happened, past tense, at least once: `subscriptions.subscription.paused.v1`. */
export interface EventContract<Payload> extends ContractBase {
  readonly kind: 'event';
  readonly schema: JsonSchema;
  /** Type carrier only; never set. */
  readonly payload?: Payload;
}

/**
 * A request with a reply and a deadline. `public` ones are commands that other programs may send
 * with an API key in the `authorization` header; the others are for Millrace's modules alone.
 */
export interface RequestContract<Request, Reply> extends ContractBase {
  readonly kind: 'request';
  readonly access: 'public' | 'internal';
  readonly schema: JsonSchema;
  readonly replySchema: JsonSchema;
  /** Type carriers only; never set. */
  readonly request?: Request;
  readonly reply?: Reply;
}

/** Any message between modules. */
export type Contract =
  StateContract<unknown> | EventContract<unknown> | RequestContract<unknown, unknown>;

/** Declares a state topic. */
export const defineState = <State>(
  contract: Omit<StateContract<State>, 'kind' | 'state' | 'authenticated'> & {
    readonly authenticated?: boolean;
  },
): StateContract<State> => ({ authenticated: false, ...contract, kind: 'state' });

/** Declares a domain event. */
export const defineEvent = <Payload>(
  contract: Omit<EventContract<Payload>, 'kind' | 'payload'>,
): EventContract<Payload> => ({ ...contract, kind: 'event' });

/** Declares a request with reply. */
export const defineRequest = <Request, Reply>(
  contract: Omit<RequestContract<Request, Reply>, 'kind' | 'request' | 'reply'>,
): RequestContract<Request, Reply> => ({ ...contract, kind: 'request' });
