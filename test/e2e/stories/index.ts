import type { MillraceClient } from '../../support/client.js';
import { badInputStory } from './bad-input.js';
import { commandsStory } from './commands.js';
import { keysStory } from './keys.js';
import { publishingStory } from './publishing.js';
import { streamsStory } from './streams.js';
import { subscriptionsStory } from './subscriptions.js';
import { topicsStory } from './topics.js';
import { webhookAddressesStory } from './webhooks-addresses.js';
import { webhookAskedForStory } from './webhooks-asked-for.js';
import { webhookBreakerStory } from './webhooks-breaker.js';
import { webhookChoiceStory } from './webhooks-choice.js';
import { webhookDeadLettersStory } from './webhooks-dead-letters.js';
import { webhookGoneStory } from './webhooks-gone.js';
import { webhookIsolationStory } from './webhooks-isolation.js';
import { webhookOrderingStory } from './webhooks-ordering.js';
import { webhookPausingStory } from './webhooks-pausing.js';
import { webhookPayloadsStory } from './webhooks-payloads.js';
import { webhookProgressStory } from './webhooks-progress.js';
import { webhookRetriesStory } from './webhooks-retries.js';
import { webhookSecretsStory } from './webhooks-secrets.js';
import { webhookTopicsStory } from './webhooks-topics.js';

/** A story told through REST and Kafka; it does not know how many processes serve it. */
export type Story = (millrace: () => MillraceClient) => void;

/** Every story but the long one of reading one's writes. */
export const stories: readonly Story[] = [
  badInputStory,
  commandsStory,
  keysStory,
  publishingStory,
  streamsStory,
  subscriptionsStory,
  topicsStory,
  webhookAddressesStory,
  webhookAskedForStory,
  webhookBreakerStory,
  webhookChoiceStory,
  webhookDeadLettersStory,
  webhookGoneStory,
  webhookIsolationStory,
  webhookOrderingStory,
  webhookPausingStory,
  webhookPayloadsStory,
  webhookProgressStory,
  webhookRetriesStory,
  webhookSecretsStory,
  webhookTopicsStory,
];
