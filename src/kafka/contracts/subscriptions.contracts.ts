import { defineEvent, defineRequest, defineState } from './contract.js';
import { webhookSettingsSchema, type WebhookSettings } from './webhook-settings.js';

/** The ways out that exist. */
export const subscriptionKinds = ['stream', 'webhook'] as const;
export type SubscriptionKind = (typeof subscriptionKinds)[number];

/** `broken`: its topic is gone; `disabled`: its receiver said that it is gone. */
export const subscriptionStatuses = ['active', 'paused', 'disabled', 'broken'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/** Offsets per partition number, as JSON writes it. */
export type PartitionOffsets = Readonly<Record<string, number>>;

/** A CloudEvents Subscriptions API filter expression; see src/events/filter. */
export type FilterExpression = Readonly<Record<string, unknown>>;

/** A filter and the offsets from which it applies; partitions not named: from 0. */
export interface FilterRevision {
  /** 1 for the first filter of a subscription, one more with each change. */
  readonly number: number;
  readonly from: PartitionOffsets;
  readonly filter: FilterExpression | null;
}

/** A subscription's definition as every process knows it. */
export interface SubscriptionState {
  readonly uid: string;
  readonly id: string;
  readonly topic: string;
  readonly topicUid: string;
  /** Kafka's id of the topic that `start` was fixed on. */
  readonly kafkaTopicId: string;
  readonly kind: SubscriptionKind;
  readonly tenant: string | null;
  /** Concrete first offsets; partitions added later start at 0. */
  readonly start: PartitionOffsets;
  /** Oldest first; the last one is the subscription's filter now. */
  readonly filters: readonly FilterRevision[];
  /** Set exactly when the kind is `webhook`. */
  readonly webhook: WebhookSettings | null;
  readonly status: SubscriptionStatus;
  readonly reason: string | null;
  /** When the status began. */
  readonly since: string;
  readonly createdAt: string;
}

const string = { type: 'string' } as const;
const offsets = { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } as const;

/** Subscriptions' definitions. */
export const subscriptionsState = defineState<SubscriptionState>({
  name: 'subscriptions.definitions.v1',
  owner: 'subscriptions',
  description: 'Subscriptions by uid.',
  schema: {
    type: 'object',
    required: [
      'uid',
      'id',
      'topic',
      'topicUid',
      'kafkaTopicId',
      'kind',
      'tenant',
      'start',
      'filters',
      'webhook',
      'status',
      'reason',
      'since',
      'createdAt',
    ],
    properties: {
      uid: string,
      id: string,
      topic: string,
      topicUid: string,
      kafkaTopicId: string,
      kind: { enum: [...subscriptionKinds] },
      tenant: { type: ['string', 'null'] },
      start: offsets,
      filters: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['number', 'from', 'filter'],
          properties: {
            number: { type: 'integer', minimum: 1 },
            from: offsets,
            filter: { type: ['object', 'null'] },
          },
        },
      },
      webhook: webhookSettingsSchema,
      status: { enum: [...subscriptionStatuses] },
      reason: { type: ['string', 'null'] },
      since: string,
      createdAt: string,
    },
  },
});

/** What the lifecycle events carry. */
export interface SubscriptionLifecycle {
  readonly uid: string;
  readonly id: string;
  readonly topic: string;
  readonly kind: SubscriptionKind;
  readonly tenant: string | null;
  readonly status: SubscriptionStatus;
  readonly at: string;
}

const lifecycle = (change: string, description: string) =>
  defineEvent<SubscriptionLifecycle>({
    name: `subscriptions.subscription.${change}.v1`,
    owner: 'subscriptions',
    description,
    schema: {
      type: 'object',
      required: ['uid', 'id', 'topic', 'kind', 'tenant', 'status', 'at'],
      properties: {
        uid: string,
        id: string,
        topic: string,
        kind: string,
        tenant: { type: ['string', 'null'] },
        status: string,
        at: string,
      },
    },
  });

export const subscriptionCreated = lifecycle('created', 'A subscription was created.');
export const subscriptionUpdated = lifecycle('updated', 'A subscription was changed.');
export const subscriptionPaused = lifecycle('paused', 'A subscription was paused.');
export const subscriptionResumed = lifecycle('resumed', 'A subscription was resumed.');
export const subscriptionDisabled = lifecycle('disabled', 'A subscription was disabled.');
export const subscriptionBroken = lifecycle('broken', 'A subscription lost its topic.');
export const subscriptionDeleted = lifecycle('deleted', 'A subscription was deleted.');

/** Asks how many subscriptions a topic has, from the owner's database. */
export const countSubscriptions = defineRequest<
  { readonly topicUid: string },
  { readonly count: number }
>({
  name: 'subscriptions.topic.count.v1',
  owner: 'subscriptions',
  access: 'internal',
  description: 'How many subscriptions a topic has.',
  schema: {
    type: 'object',
    required: ['topicUid'],
    additionalProperties: false,
    properties: { topicUid: string },
  },
  replySchema: {
    type: 'object',
    required: ['count'],
    properties: { count: { type: 'integer', minimum: 0 } },
  },
});

/** Pauses or resumes a subscription, as the REST routes of those names do. */
const transition = (verb: 'pause' | 'resume') =>
  defineRequest<
    { readonly id: string },
    { readonly id: string; readonly status: SubscriptionStatus }
  >({
    name: `subscriptions.subscription.${verb}.v1`,
    owner: 'subscriptions',
    access: 'public',
    description: `Makes a subscription ${verb === 'pause' ? 'stop giving out events' : 'go on'}.`,
    schema: {
      type: 'object',
      required: ['id'],
      additionalProperties: false,
      properties: { id: string },
    },
    replySchema: {
      type: 'object',
      required: ['id', 'status'],
      properties: { id: string, status: string },
    },
  });

export const pauseSubscription = transition('pause');
export const resumeSubscription = transition('resume');
