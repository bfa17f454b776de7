import * as fc from 'fast-check';

import type { CloudEvent } from '../../../events/cloud-event.js';
import { EventData } from '../../../events/event-data.js';
import { compileSchema } from '../../../events/schema/compile-schema.js';
import { acceptAll, MAX_BATCH_EVENTS } from './accept-batch.js';
import { acceptEvent, eventBytes, type Admission } from './accept-event.js';
import { BatchTooLarge, EventTooLarge, SchemaMismatch, TenantMismatch } from './ingest.errors.js';

const eventOf = (more: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/s',
  type: 't',
  time: '2026-01-01T00:00:00Z',
  extensions: {},
  ...more,
});

const rules = (more: Partial<Admission> = {}): Admission => ({
  tenant: null,
  maxEventBytes: 1_000_000,
  receivedAt: () => '2026-11-23T00:00:00.000Z',
  validatorOf: undefined,
  ...more,
});

describe('taking an event in', () => {
  it('leaves an event alone that needs nothing', () => {
    const event = eventOf({ tenant: 'acme' });
    expect(acceptEvent(event, rules()).event).toBe(event);
  });

  it('gives an event without a time that of its receipt', () => {
    const { event } = acceptEvent(eventOf({ time: undefined }), rules());
    expect(event.time).toBe('2026-11-23T00:00:00.000Z');
  });

  it('stamps the sender’s tenant, and refuses another one', () => {
    const admission = rules({ tenant: 'acme' });
    expect(acceptEvent(eventOf(), admission).event.tenant).toBe('acme');
    expect(acceptEvent(eventOf({ tenant: 'acme' }), admission).event.tenant).toBe('acme');
    expect(() => acceptEvent(eventOf({ tenant: 'rival' }), admission)).toThrow(TenantMismatch);
  });

  it('takes exactly as many bytes as the bound says', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 20 }), (data, key) => {
        const event = eventOf({ data: EventData.text(data), partitionkey: key || undefined });
        const bytes = eventBytes(acceptEvent(event, rules()).record);
        expect(() => acceptEvent(event, rules({ maxEventBytes: bytes }))).not.toThrow();
        expect(() => acceptEvent(event, rules({ maxEventBytes: bytes - 1 }))).toThrow(
          EventTooLarge,
        );
      }),
    );
  });

  it('judges data that is not JSON, or is missing, by the schema too', () => {
    const admission = rules({ validatorOf: () => compileSchema({ type: 'object' }) });
    expect(() => acceptEvent(eventOf(), admission)).toThrow(SchemaMismatch);
    expect(() => acceptEvent(eventOf({ data: EventData.text('{}') }), admission)).toThrow(
      SchemaMismatch,
    );
    expect(() => acceptEvent(eventOf({ data: EventData.json({}) }), admission)).not.toThrow();
  });

  it('names the event of a batch that is at fault', () => {
    const events = [eventOf(), eventOf({ tenant: 'rival' })];
    const admission = rules({ tenant: 'acme' });
    expect(() => acceptAll(events, true, admission)).toThrow(
      expect.objectContaining({ code: 'INGEST.TENANT_MISMATCH', details: { index: 1 } }),
    );
  });

  it('takes as many events as a request may carry, and no more', () => {
    const events = Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => eventOf());
    expect(() => acceptAll(events, true, rules())).toThrow(BatchTooLarge);
    expect(acceptAll(events.slice(1), true, rules())).toHaveLength(MAX_BATCH_EVENTS);
  });
});
