import type { MillraceClient } from '../../support/client.js';
import { badInputStory } from './bad-input.js';
import { commandsStory } from './commands.js';
import { keysStory } from './keys.js';
import { publishingStory } from './publishing.js';
import { streamsStory } from './streams.js';
import { subscriptionsStory } from './subscriptions.js';
import { topicsStory } from './topics.js';

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
];
