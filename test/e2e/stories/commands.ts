import { revokeKey } from '../../../src/kafka/contracts/access.contracts.js';
import { putTopic } from '../../../src/kafka/contracts/catalog.contracts.js';
import { publishEvents } from '../../../src/kafka/contracts/ingest.contracts.js';
import { commitCursor } from '../../../src/kafka/contracts/streams.contracts.js';
import {
  pauseSubscription,
  resumeSubscription,
  subscriptionBroken,
  subscriptionCreated,
  subscriptionDeleted,
  subscriptionPaused,
  subscriptionResumed,
  subscriptionUpdated,
} from '../../../src/kafka/contracts/subscriptions.contracts.js';
import { uniqueName, type MillraceClient } from '../../support/client.js';
import { ForeignProgram } from '../../support/foreign-program.js';

const lifecycle = [
  subscriptionCreated,
  subscriptionUpdated,
  subscriptionPaused,
  subscriptionResumed,
  subscriptionDeleted,
  subscriptionBroken,
];

/** Kafka as the other entry point: the same use cases, asked by a program that knows no REST. */
export function commandsStory(millrace: () => MillraceClient): void {
  describe('commands over Kafka', () => {
    let program: ForeignProgram;
    beforeAll(async () => {
      program = await ForeignProgram.start(millrace().installation, lifecycle);
    });
    afterAll(() => program.stop());

    it('make a topic, publish, and commit a cursor', async () => {
      const name = uniqueName('commanded');
      const made = await program.command(putTopic, { name, topic: { partitions: 1 } });
      expect(made).toMatchObject({ error: undefined, value: { name, partitions: 1 } });
      const event = { specversion: '1.0', id: '1', source: '/s', type: 't', data: { n: 1 } };
      const published = await program.command(publishEvents, {
        topic: name,
        events: [event, { ...event, id: '2' }],
      });
      expect(published.value?.events).toMatchObject([
        { id: '1', topic: name, partition: 0, offset: 0 },
        { id: '2', topic: name, partition: 0, offset: 1 },
      ]);
      const stream = await millrace().createStream(name);
      const poll = (query: string) =>
        millrace().must<{ events: { event: { id: string } }[]; cursor: string }>(
          'GET',
          `/v1/streams/${stream}/events?waitSeconds=10${query}`,
          { headers: { accept: 'application/json' } },
        );
      const { cursor } = await poll('&limit=1');
      const committed = await program.command(commitCursor, { subscription: stream, cursor });
      expect(committed).toMatchObject({ error: undefined, value: { committed: true } });
      const rest = await poll('');
      expect(rest.events.map((read) => read.event.id)).toEqual(['2']);
    });

    it('pause and resume, and each change is told as a domain event', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const id = await millrace().createStream(topic);
      const ofThis = (told: { readonly id: string }) => told.id === id;
      expect(await program.event(subscriptionCreated, ofThis)).toMatchObject({ topic });
      expect((await program.command(pauseSubscription, { id })).value).toMatchObject({
        status: 'paused',
      });
      expect(await program.event(subscriptionPaused, ofThis)).toMatchObject({ status: 'paused' });
      expect((await program.command(resumeSubscription, { id })).value).toMatchObject({
        status: 'active',
      });
      await program.event(subscriptionResumed, ofThis);
      await millrace().must('PATCH', `/v1/subscriptions/${id}`, {
        json: { filter: { exact: { type: 'x' } } },
      });
      await program.event(subscriptionUpdated, ofThis);
      await millrace().must('DELETE', `/v1/subscriptions/${id}`);
      await program.event(subscriptionDeleted, ofThis);
    });

    it('need a key with the right scope, as REST does', async () => {
      const topic = await millrace().createTopic();
      const id = await millrace().createStream(topic);
      const publisher = await millrace().createKey({ scopes: ['publish'] });
      const nobody = await program.command(pauseSubscription, { id }, null);
      expect(nobody.error?.code).toBe('AUTH.KEY_MISSING');
      const wrong = await program.command(pauseSubscription, { id }, publisher);
      expect(wrong.error?.code).toBe('AUTH.SCOPE_MISSING');
      expect(await millrace().must('GET', `/v1/subscriptions/${id}`)).toMatchObject({
        status: 'active',
      });
    });

    it('revoke a key', async () => {
      const id = uniqueName('key');
      await millrace().must('POST', '/v1/keys', { json: { id, scopes: ['publish'] } });
      expect((await program.command(revokeKey, { id })).value).toEqual({ revoked: true });
      expect((await millrace().call('GET', `/v1/keys/${id}`)).status).toBe(404);
    });

    it('that make no sense are refused with a code', async () => {
      const refused = await program.command(pauseSubscription, { id: 42 } as never);
      expect(refused.error?.kind).toBe('invalid');
    });
  });
}
