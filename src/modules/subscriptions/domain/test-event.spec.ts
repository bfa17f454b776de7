import { completeTestEvent, MAX_TEST_EVENT_BYTES } from './test-event.js';

const defaults = { topic: 'orders', id: 'made', at: new Date('2026-02-03T04:05:06Z') };

describe('the event of a test delivery', () => {
  it('is filled in like an event that is published as plain JSON', () => {
    expect(completeTestEvent({ data: { n: 1 } }, defaults)).toEqual({
      specversion: '1.0',
      id: 'made',
      source: '/topics/orders',
      type: 'orders',
      time: '2026-02-03T04:05:06.000Z',
      data: { n: 1 },
    });
  });

  it('keeps what it says itself', () => {
    const event = {
      specversion: '1.0',
      id: '7',
      source: '/s',
      type: 't',
      time: '2026-01-01T00:00:00Z',
    };
    expect(completeTestEvent({ ...event, colour: 'blue' }, defaults)).toEqual({
      ...event,
      colour: 'blue',
    });
  });

  it.each([
    [{ id: '' }, 'EVENTS.ATTRIBUTE_INVALID'],
    [{ id: null }, 'EVENTS.ATTRIBUTE_MISSING'],
    [{ specversion: '0.3' }, 'EVENTS.SPECVERSION_UNSUPPORTED'],
    [{ 'not-a-name': 'x' }, 'EVENTS.ATTRIBUTE_NAME_INVALID'],
    [{ data_base64: '!' }, 'EVENTS.DATA_INVALID'],
    [{ data: 'x'.repeat(MAX_TEST_EVENT_BYTES) }, 'SUBSCRIPTIONS.TEST_EVENT_TOO_LARGE'],
  ])('is refused when it breaks a rule (%#)', (event, code) => {
    expect(() => completeTestEvent(event, defaults)).toThrow(expect.objectContaining({ code }));
  });
});
