import { killWhileWebhooksAreDelivered } from './support/webhook-kills.js';

describe('kill -9 while webhooks are delivered', () => {
  killWhileWebhooksAreDelivered('everything', 'application');
});
