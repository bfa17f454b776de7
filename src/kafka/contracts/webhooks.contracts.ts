import { defineEvent, defineRequest } from './contract.js';
import type {
  AttemptFault,
  DeadLetterSummary,
  DeliveryGap,
  DeliveryProgress,
  ExceptionCounts,
  OperationState,
} from './delivery-shapes.js';
import type { JsonCloudEvent } from './ingest.contracts.js';
import type { FilterExpression } from './subscriptions.contracts.js';

const string = { type: 'string' } as const;
const nullableString = { type: ['string', 'null'] } as const;

/** An endpoint said that it is gone (410): nothing more is sent to it until it is enabled again. */
export const webhookEndpointDisabled = defineEvent<{
  readonly subscriptionUid: string;
  readonly reason: 'gone';
  readonly at: string;
}>({
  name: 'webhooks.endpoint.disabled.v1',
  owner: 'webhooks',
  description: 'An endpoint answered 410: its subscription is to be disabled.',
  schema: {
    type: 'object',
    required: ['subscriptionUid', 'reason', 'at'],
    properties: { subscriptionUid: string, reason: { enum: ['gone'] }, at: string },
  },
});

/** A request about one subscription; `more` are further properties, all required. */
const about = (more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'object',
  required: ['subscriptionUid', ...Object.keys(more)],
  additionalProperties: false,
  properties: { subscriptionUid: string, ...more },
});

const reply = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

/** Progress of a webhook subscription; answers GET /v1/subscriptions/{id}/stats. */
export const getWebhookStats = defineRequest<
  { readonly subscriptionUid: string },
  {
    readonly partitions: readonly DeliveryProgress[];
    readonly exceptions: ExceptionCounts;
    readonly maxExceptions: number;
  }
>({
  name: 'webhooks.stats.get.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'How far a webhook subscription has come, and what it keeps as exceptions.',
  schema: about(),
  replySchema: reply({
    partitions: { type: 'array' },
    exceptions: { type: 'object' },
    maxExceptions: { type: 'integer' },
  }),
});

const page = { limit: { type: 'integer', minimum: 1 }, after: nullableString };

/** Recorded gaps of a webhook subscription; answers GET /v1/subscriptions/{id}/gaps. */
export const listWebhookGaps = defineRequest<
  { readonly subscriptionUid: string; readonly limit: number; readonly after: string | null },
  { readonly gaps: readonly DeliveryGap[]; readonly next: string | null }
>({
  name: 'webhooks.gaps.list.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Events that were gone before a webhook subscription read them.',
  schema: about(page),
  replySchema: reply({ gaps: { type: 'array' }, next: nullableString }),
});

/** A page of dead letters, oldest first, without payloads. */
export const listWebhookDeadLetters = defineRequest<
  { readonly subscriptionUid: string; readonly limit: number; readonly after: string | null },
  { readonly deadLetters: readonly DeadLetterSummary[]; readonly next: string | null }
>({
  name: 'webhooks.dead-letters.list.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Dead letters of a webhook subscription, oldest first.',
  schema: about(page),
  replySchema: reply({ deadLetters: { type: 'array' }, next: nullableString }),
});

const one = about({ id: string });

/** One dead letter with its event. */
export const getWebhookDeadLetter = defineRequest<
  { readonly subscriptionUid: string; readonly id: string },
  { readonly deadLetter: DeadLetterSummary; readonly event: JsonCloudEvent }
>({
  name: 'webhooks.dead-letter.get.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'One dead letter of a webhook subscription with its event.',
  schema: one,
  replySchema: reply({ deadLetter: { type: 'object' }, event: { type: 'object' } }),
});

/** Drops one dead letter for good. */
export const deleteWebhookDeadLetter = defineRequest<
  { readonly subscriptionUid: string; readonly id: string },
  { readonly deleted: true }
>({
  name: 'webhooks.dead-letter.delete.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Drops one dead letter of a webhook subscription.',
  schema: one,
  replySchema: reply({ deleted: { const: true } }),
});

/**
 * Sends dead letters again: those of `ids`, or those that pass `filter`, or all (both null). The
 * caller chooses `operationId`, so that a repeat of the request starts nothing twice.
 */
export const redriveWebhookDeadLetters = defineRequest<
  {
    readonly subscriptionUid: string;
    readonly operationId: string;
    readonly ids: readonly string[] | null;
    readonly filter: FilterExpression | null;
  },
  OperationState
>({
  name: 'webhooks.dead-letters.redrive.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Sends dead letters of a webhook subscription again, as an operation.',
  schema: about({
    operationId: string,
    ids: { type: ['array', 'null'], items: string },
    filter: { type: ['object', 'null'] },
  }),
  replySchema: { type: 'object' },
});

/** Where an event lies in the subscription's topic. */
export interface ChosenEvent {
  readonly partition: number;
  readonly offset: number;
}

/** Sends chosen events of the topic again, delivered before or not. */
export const resendWebhookEvents = defineRequest<
  {
    readonly subscriptionUid: string;
    readonly operationId: string;
    readonly events: readonly ChosenEvent[];
  },
  OperationState
>({
  name: 'webhooks.events.resend.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Sends chosen events to a webhook subscription again, as an operation.',
  schema: about({
    operationId: string,
    events: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: {
        type: 'object',
        required: ['partition', 'offset'],
        properties: {
          partition: { type: 'integer', minimum: 0 },
          offset: { type: 'integer', minimum: 0 },
        },
      },
    },
  }),
  replySchema: { type: 'object' },
});

/** What a test delivery met. */
export interface TestDelivery {
  readonly delivered: boolean;
  readonly messageId: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: AttemptFault | null;
}

/** Sends one event to the endpoint at once, outside of the log, and tells what came of it. */
export const testWebhook = defineRequest<
  { readonly subscriptionUid: string; readonly event: JsonCloudEvent | null },
  TestDelivery
>({
  name: 'webhooks.test.send.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'Sends a test event to the endpoint of a webhook subscription.',
  schema: about({ event: { type: ['object', 'null'] } }),
  replySchema: reply({ delivered: { type: 'boolean' }, messageId: string }),
});

/** Progress of a redrive or resend. */
export const getWebhookOperation = defineRequest<{ readonly operationId: string }, OperationState>({
  name: 'webhooks.operation.get.v1',
  owner: 'webhooks',
  access: 'internal',
  description: 'How far a redrive or resend has come.',
  schema: {
    type: 'object',
    required: ['operationId'],
    additionalProperties: false,
    properties: { operationId: string },
  },
  replySchema: { type: 'object' },
});
