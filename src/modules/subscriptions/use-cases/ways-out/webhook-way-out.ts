import {
  deleteWebhookDeadLetter,
  getWebhookDeadLetter,
  getWebhookOperation,
  getWebhookStats,
  listWebhookDeadLetters,
  listWebhookGaps,
  redriveWebhookDeadLetters,
  resendWebhookEvents,
  testWebhook,
} from '../../../../kafka/contracts/webhooks.contracts.js';
import type { RequestClient } from '../../../../kafka/transport/client/request-client.js';
import type { WayOut } from './way-out.js';

/** Asks the module `webhooks`. */
export const webhookWayOut = (client: RequestClient): WayOut => ({
  stats: (about) => client.request(getWebhookStats, about),
  gaps: (page) => client.request(listWebhookGaps, page),
  listDeadLetters: (page) => client.request(listWebhookDeadLetters, page),
  getDeadLetter: (one) => client.request(getWebhookDeadLetter, one),
  deleteDeadLetter: (one) => client.request(deleteWebhookDeadLetter, one),
  redrive: (choice) => client.request(redriveWebhookDeadLetters, choice),
  resend: (choice) => client.request(resendWebhookEvents, choice),
  test: (event, timeoutMs) => client.request(testWebhook, event, { timeoutMs }),
  operation: (which) => client.request(getWebhookOperation, which),
});
