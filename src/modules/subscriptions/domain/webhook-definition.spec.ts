import * as fc from 'fast-check';

import { designWebhook, type WebhookInput } from './webhook-definition.js';
import { patchWebhook } from './webhook-patch.js';

const url = 'https://example.com/hook';
const design = (input: WebhookInput) => designWebhook('webhook', input)!;

describe("a webhook's definition", () => {
  it('has the defaults that are promised where nothing is said', () => {
    const complete = {
      url,
      ordering: 'none',
      maxInFlight: 16,
      timeoutSeconds: 15,
      retry: {
        scheduleSeconds: [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
        jitter: 0.1,
      },
      payload: 'standard',
      headers: {},
    };
    expect(design({ url })).toEqual(complete);
    const nothing = { ordering: null, maxInFlight: null, timeoutSeconds: null, retry: null };
    expect(design({ url, ...nothing, payload: null, headers: null })).toEqual(complete);
  });

  it('keeps all that is said', () => {
    const said = {
      url,
      ordering: 'key',
      maxInFlight: 1,
      timeoutSeconds: 60,
      retry: { scheduleSeconds: [0, 604_800], jitter: 0 },
      payload: 'cloudevents-binary',
      headers: { 'x-a': 'b' },
    } as const;
    expect(design(said)).toEqual(said);
  });

  it('may be without retries', () => {
    expect(design({ url, retry: { scheduleSeconds: [] } }).retry.scheduleSeconds).toEqual([]);
  });

  it('never holds the secret', () => {
    expect(design({ url, secret: 'whsec_x' })).not.toHaveProperty('secret');
  });

  it('belongs to subscriptions of kind webhook, and to these alone', () => {
    expect(() => designWebhook('webhook', null)).toThrow(
      expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_MISSING' }),
    );
    expect(() => designWebhook('stream', { url })).toThrow(
      expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_UNEXPECTED' }),
    );
    expect(designWebhook('stream', null)).toBeNull();
  });

  it.each([[[-1]], [[604_801]], [[1.5]], [[Number.NaN]], [Array.from({ length: 33 }, () => 1)]])(
    'refuses a schedule of %j',
    (scheduleSeconds) => {
      expect(() => design({ url, retry: { scheduleSeconds } })).toThrow(
        expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_SCHEDULE_INVALID' }),
      );
    },
  );
});

describe('a merge patch of a webhook', () => {
  const present = design({ url, maxInFlight: 4, headers: { 'x-a': '1', 'x-b': '2' } });
  const patched = (patch: WebhookInput) => design(patchWebhook(present, patch)!);

  it('changes what it names, and nothing else', () => {
    expect(patched({ timeoutSeconds: 30 })).toEqual({ ...present, timeoutSeconds: 30 });
    expect(patched({ retry: { jitter: 1 } }).retry).toEqual({ ...present.retry, jitter: 1 });
    expect(patchWebhook(present, undefined)).toBe(present);
  });

  it('brings the default back for null', () => {
    expect(patched({ maxInFlight: null })).toEqual({ ...present, maxInFlight: 16 });
    expect(patched({ headers: null }).headers).toEqual({});
  });

  it('takes the webhook away for null, which no kind allows', () => {
    expect(patchWebhook(present, null)).toBeNull();
  });

  it('adds, changes and removes single headers, in any case', () => {
    const headers = { 'X-A': null, 'X-B': '3', 'X-C': '4' };
    expect(patched({ headers }).headers).toEqual({ 'x-b': '3', 'x-c': '4' });
  });

  it('that repeats the present definition changes nothing', () => {
    const schedule = fc.array(fc.integer({ min: 0, max: 604_800 }), { maxLength: 32 });
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 256 }), (scheduleSeconds, maxInFlight) => {
        const definition = design({ url, maxInFlight, retry: { scheduleSeconds } });
        expect(design(patchWebhook(definition, definition)!)).toEqual(definition);
        expect(design(definition)).toEqual(definition);
      }),
    );
  });
});
