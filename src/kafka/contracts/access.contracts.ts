import { defineRequest, defineState } from './contract.js';

/** What a key may do. `admin` includes all, `manage` includes reading definitions. */
export const scopes = ['publish', 'consume', 'manage', 'admin'] as const;

/** One scope of an API key. */
export type Scope = (typeof scopes)[number];

/** An API key as every process knows it: the hash, never the key. */
export interface KeyState {
  readonly uid: string;
  readonly id: string;
  /** SHA-256 of the whole key, hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Names it is limited to; null: all. */
  readonly topics: readonly string[] | null;
  readonly subscriptions: readonly string[] | null;
  /** Set: sees and makes only this tenant's events and subscriptions. */
  readonly tenant: string | null;
  readonly createdAt: string;
}

const names = { type: ['array', 'null'], items: { type: 'string' } } as const;

/** Valid keys; a revoked key's record is a tombstone. */
export const keysState = defineState<KeyState>({
  name: 'access.keys.v1',
  owner: 'access',
  description: 'API keys by uid: hash, scopes and limits. A revoked key is a tombstone.',
  authenticated: true,
  schema: {
    type: 'object',
    required: ['uid', 'id', 'hash', 'scopes', 'topics', 'subscriptions', 'tenant', 'createdAt'],
    properties: {
      uid: { type: 'string' },
      id: { type: 'string' },
      hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      scopes: { type: 'array', items: { enum: [...scopes] } },
      topics: names,
      subscriptions: names,
      tenant: { type: ['string', 'null'] },
      createdAt: { type: 'string' },
    },
  },
});

/** Revokes a key. Creating one has no command: its secret would travel through Kafka. */
export const revokeKey = defineRequest<{ readonly id: string }, { readonly revoked: boolean }>({
  name: 'access.key.revoke.v1',
  owner: 'access',
  access: 'public',
  description: 'Revokes an API key.',
  schema: {
    type: 'object',
    required: ['id'],
    additionalProperties: false,
    properties: { id: { type: 'string' } },
  },
  replySchema: {
    type: 'object',
    required: ['revoked'],
    properties: { revoked: { type: 'boolean' } },
  },
});
