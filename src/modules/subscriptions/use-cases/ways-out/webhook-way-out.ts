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

/** Thousands of dead letters are judged, a thousand events read, before these answer. */
const OPERATION_TIMEOUT_MS = 30_000;

/** Asks the module `webhooks`. */
export const webhookWayOut = (client: RequestClient): WayOut => ({
  stats: (about) => client.request(getWebhookStats, about),
  gaps: (page) => client.request(listWebhookGaps, page),
  listDeadLetters: (page) => client.request(listWebhookDeadLetters, page),
  getDeadLetter: (one) => client.request(getWebhookDeadLetter, one),
  deleteDeadLetter: (one) => client.request(deleteWebhookDeadLetter, one),
  redrive: (choice) =>
    client.request(redriveWebhookDeadLetters, choice, { timeoutMs: OPERATION_TIMEOUT_MS }),
  resend: (choice) =>
    client.request(resendWebhookEvents, choice, { timeoutMs: OPERATION_TIMEOUT_MS }),
  test: (event, timeoutMs) => client.request(testWebhook, event, { timeoutMs }),
  operation: (which) => client.request(getWebhookOperation, which),
});
