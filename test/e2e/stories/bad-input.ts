import { uniqueName, type CallOptions, type MillraceClient } from '../../support/client.js';

interface Case {
  readonly what: string;
  readonly options: CallOptions;
  readonly query?: string;
  readonly status: number;
}

const plain = { 'content-type': 'application/json' };
const structured = { 'content-type': 'application/cloudevents+json' };
const event = { specversion: '1.0', id: '1', source: '/s', type: 't' };

const cases: readonly Case[] = [
  { what: 'malformed JSON', options: { body: '{"a":', headers: plain }, status: 400 },
  {
    what: 'invalid UTF-8',
    options: { body: Buffer.from([34, 255, 34]), headers: plain },
    status: 400,
  },
  { what: 'an empty body', options: { body: '', headers: plain }, status: 400 },
  {
    what: 'a wrong content type',
    options: { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    status: 415,
  },
  {
    what: 'a wrong specversion',
    options: { body: JSON.stringify({ ...event, specversion: '2' }), headers: structured },
    status: 400,
  },
  {
    what: 'no source',
    options: { body: JSON.stringify({ ...event, source: undefined }), headers: structured },
    status: 400,
  },
  {
    what: 'a bad attribute name',
    options: { body: JSON.stringify({ ...event, 'Bad-Name': 1 }), headers: structured },
    status: 400,
  },
  {
    what: 'a bad time',
    options: { body: JSON.stringify({ ...event, time: 'yesterday' }), headers: structured },
    status: 400,
  },
  { what: 'an unknown query parameter', options: { json: 1 }, query: '?colour=red', status: 400 },
  { what: 'an event that is too large', options: { json: 'x'.repeat(1_000_001) }, status: 413 },
];

/** Bad input gets a clear error with a stable code, and nothing of it is stored. */
export function badInputStory(millrace: () => MillraceClient): void {
  describe('bad input', () => {
    it.each(cases)('as $what is refused', async ({ options, query = '', status }) => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const path = `/v1/topics/${topic}/events`;
      const answer = await millrace().call('POST', path + query, options);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body['code']).toMatch(/^[A-Z_]+\.[A-Z0-9_]+$/);
      expect(answer.status).toBe(status);
      expect((await millrace().publish(topic, 1)).offset).toBe(0);
    });

    it('as an unknown topic, kind, filter dialect or field is refused', async () => {
      const topic = await millrace().createTopic();
      const subscribe = (more: Record<string, unknown>) =>
        millrace().call('POST', '/v1/subscriptions', {
          json: { id: uniqueName('s'), topic, kind: 'stream', ...more },
        });
      expect((await subscribe({ topic: 'no-such-topic' })).status).toBe(404);
      expect((await subscribe({ kind: 'pigeon' })).body['code']).toBe('SUBSCRIPTIONS.UNKNOWN_KIND');
      expect((await subscribe({ filter: { sql: '1=1' } })).body['code']).toBe(
        'FILTER.UNKNOWN_DIALECT',
      );
      expect((await subscribe({ colour: 'red' })).body['code']).toBe('REQUEST.UNKNOWN_FIELD');
    });
  });
}
