/** What a webhook subscription's definition says of its delivery. No contract of its own. */

/** `key`: a key's next event is not sent before the earlier one succeeded or is a dead letter. */
export const webhookOrderings = ['none', 'key'] as const;
export type WebhookOrdering = (typeof webhookOrderings)[number];

/** What a webhook's body is. */
export const webhookPayloads = [
  'standard',
  'cloudevents-binary',
  'cloudevents-structured',
] as const;
export type WebhookPayload = (typeof webhookPayloads)[number];

/** Bounds of a webhook's settings, the same over REST and Kafka. */
export const webhookLimits = {
  maxInFlight: { minimum: 1, maximum: 256 },
  timeoutSeconds: { minimum: 1, maximum: 60 },
  scheduleEntries: { minimum: 0, maximum: 32 },
  scheduleSeconds: { minimum: 0, maximum: 604_800 },
  jitter: { minimum: 0, maximum: 1 },
} as const;

/** A signing secret, sealed with the installation's encryption key for the subscription's uid. */
export interface SealedSecret {
  readonly sealed: string;
  /** Set: a former secret, which signs too until then. */
  readonly expiresAt: string | null;
}

/** How a webhook subscription is delivered. */
export interface WebhookSettings {
  readonly url: string;
  readonly ordering: WebhookOrdering;
  /** Most requests under way at the same time. */
  readonly maxInFlight: number;
  readonly timeoutSeconds: number;
  readonly retry: {
    /** Pause before each further attempt; after the last one the event is a dead letter. */
    readonly scheduleSeconds: readonly number[];
    /** Share of a pause by which it is lengthened at random: 0 to 1. */
    readonly jitter: number;
  };
  readonly payload: WebhookPayload;
  /** Extra request headers as a JSON object, sealed like the secrets; null: none. */
  readonly sealedHeaders: string | null;
  /** Newest first; never empty. */
  readonly secrets: readonly SealedSecret[];
}

const string = { type: 'string' } as const;

/** JSON Schema of WebhookSettings, or null. */
export const webhookSettingsSchema = {
  type: ['object', 'null'],
  required: [
    'url',
    'ordering',
    'maxInFlight',
    'timeoutSeconds',
    'retry',
    'payload',
    'sealedHeaders',
    'secrets',
  ],
  properties: {
    url: string,
    ordering: { enum: [...webhookOrderings] },
    maxInFlight: { type: 'integer', ...webhookLimits.maxInFlight },
    timeoutSeconds: { type: 'integer', ...webhookLimits.timeoutSeconds },
    retry: {
      type: 'object',
      required: ['scheduleSeconds', 'jitter'],
      properties: {
        scheduleSeconds: {
          type: 'array',
          maxItems: webhookLimits.scheduleEntries.maximum,
          items: { type: 'integer', ...webhookLimits.scheduleSeconds },
        },
        jitter: { type: 'number', ...webhookLimits.jitter },
      },
    },
    payload: { enum: [...webhookPayloads] },
    sealedHeaders: { type: ['string', 'null'] },
    secrets: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['sealed', 'expiresAt'],
        properties: { sealed: string, expiresAt: { type: ['string', 'null'] } },
      },
    },
  },
} as const;
