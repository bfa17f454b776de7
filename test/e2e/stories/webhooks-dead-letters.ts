import type { MillraceClient } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import { labels, type LabelScript } from '../../support/labelled-receiver.js';
import { publishLabels, webhooksOf } from '../support/webhooks.js';

const allFail: LabelScript = () => ({ status: 500, body: 'not today' });
const allWork: LabelScript = () => ({ status: 200 });

/** Events whose attempts are used up: kept, shown, sent again, dropped. */
export function webhookDeadLettersStory(millrace: () => MillraceClient): void {
  describe('a dead letter of a webhook', () => {
    const subscribe = webhooksOf(millrace);
    const once = { scheduleSeconds: [], jitter: 0 };
    const buried = async (webhook: Record<string, unknown>, ...events: readonly string[]) => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const subscription = await subscribe(topic, webhook);
      subscription.respond(allFail);
      const published = await publishLabels(millrace(), topic, ...events);
      const deadLetters = await subscription.buries(events.length);
      return { topic, subscription, published, deadLetters };
    };

    it('is listed without its payload, and shown with its event', async () => {
      const retry = { scheduleSeconds: [0, 0], jitter: 0 };
      const { subscription, published, deadLetters } = await buried({ retry }, 'secret-data1');
      expect(subscription.arrived).toHaveLength(3);
      const [deadLetter] = deadLetters;
      expect(deadLetter).toEqual({
        id: expect.any(String),
        messageId: published[0]!.messageId,
        partition: 0,
        offset: 0,
        key: 'secret-data',
        eventId: 'secret-data1',
        source: '/stories',
        type: 'told',
        attempts: 3,
        deadAt: expect.any(String),
        error: {
          code: 'WEBHOOKS.STATUS',
          message: 'The receiver answered 500.',
          status: 500,
          answer: 'not today',
        },
      });
      const path = `${subscription.path}/dead-letters/${deadLetter!.id}`;
      const { event, ...facts } = await millrace().must<{ event: unknown }>('GET', path);
      expect(facts).toEqual(deadLetter);
      expect(event).toMatchObject({
        specversion: '1.0',
        id: 'secret-data1',
        partitionkey: 'secret-data',
        data: 'secret-data1',
      });
      expect((await subscription.stats()).exceptions).toEqual({
        retrying: 0,
        parked: 0,
        deadLetters: 1,
      });
    });

    it('comes page by page, each once', async () => {
      const { subscription, deadLetters } = await buried({ retry: once }, ...labels('k', 5));
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query: string = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const page: { data: { eventId: string }[]; nextCursor: string | null } =
          await millrace().must('GET', `${subscription.path}/dead-letters${query}`);
        seen.push(...page.data.map(({ eventId }) => eventId));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(deadLetters.map(({ eventId }) => eventId));
    });

    it('is sent again on request, with all its attempts, under its message id', async () => {
      const retry = { scheduleSeconds: [0], jitter: 0 };
      const { subscription, published, deadLetters } = await buried({ retry }, 'a1', 'b1');
      const [one] = deadLetters.filter(({ eventId }) => eventId === 'a1');
      subscription.respond((label) => ({
        status: subscription.attemptsOf(label).length === 3 ? 500 : 200,
      }));
      const done = await subscription.operate('dead-letters/redrive', { ids: [one!.id] });
      expect(done).toMatchObject({ type: 'redrive', total: 1, delivered: 1, failed: 0 });
      expect(done.finishedAt).not.toBeNull();
      expect(subscription.taken).toEqual(['a1']);
      const attempts = subscription.attemptsOf('a1');
      expect(attempts).toHaveLength(4);
      const [{ messageId } = { messageId: '' }] = published;
      const ids = attempts.map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids)).toEqual(new Set([messageId]));
      expect((await subscription.deadLetters()).map(({ eventId }) => eventId)).toEqual(['b1']);
    });

    it('is found for that by a filter over its event', async () => {
      const { subscription } = await buried({ retry: once }, 'a1', 'b1', 'a2');
      subscription.respond(allWork);
      const filter = { prefix: { id: 'a' } };
      const done = await subscription.operate('dead-letters/redrive', { filter });
      expect(done).toMatchObject({ total: 2, delivered: 2, failed: 0 });
      expect(subscription.taken.toSorted()).toEqual(['a1', 'a2']);
      expect((await subscription.deadLetters()).map(({ eventId }) => eventId)).toEqual(['b1']);
    });

    it('goes with all others in the order of offsets, one of a key at a time', async () => {
      const events = [1, 2, 3, 4].flatMap((n) => [`a${n}`, `b${n}`]);
      const { subscription } = await buried({ retry: once }, ...events);
      let arrivals = 0;
      subscription.respond(async () => {
        const before = ++arrivals;
        // Long enough for another one to arrive, were it sent.
        if (before < events.length)
          await eventually(
            () => arrivals,
            (count) => count > before,
            0.2,
          ).catch(() => 0);
        return { status: 200 };
      });
      const before = subscription.receiver.requests.length;
      const done = await subscription.operate('dead-letters/redrive');
      expect(done).toMatchObject({ total: 8, delivered: 8, failed: 0 });
      const again = subscription.arrived.slice(before);
      for (const key of ['a', 'b'])
        expect(again.filter((label) => label.startsWith(key))).toEqual(labels(key, 4));
      expect(subscription.mostAtOnceOfAKey).toBe(1);
      expect(await subscription.deadLetters()).toEqual([]);
    });

    it('is sent again as an operation, which is answered at once with its address', async () => {
      const { subscription } = await buried({ retry: once }, 'a1');
      const path = `${subscription.path}/dead-letters/redrive`;
      const { status, headers, body } = await millrace().call('POST', path);
      expect(status).toBe(202);
      expect(headers.get('location')).toBe(`/v1/operations/${String(body['id'])}`);
      expect(body).toMatchObject({ type: 'redrive', total: 1, finishedAt: null });
      const done = () => millrace().must('GET', headers.get('location') ?? '');
      await eventually(done, (operation) => operation['status'] === 'done');
    });

    it('of a paused webhook is sent again once it is resumed', async () => {
      const { topic, subscription } = await buried({ retry: once }, ...labels('a', 2));
      const witness = await subscribe(topic);
      subscription.respond(allWork);
      await subscription.turn('pause');
      const done = subscription.operate('dead-letters/redrive');
      await subscription.shows(({ exceptions }) => exceptions.retrying === 2);
      await publishLabels(millrace(), topic, 'b1');
      await witness.takes(1);
      expect(subscription.taken).toEqual([]);
      await subscription.turn('resume');
      expect(await done).toMatchObject({ total: 2, delivered: 2 });
      await subscription.takes(3);
      expect(subscription.taken.filter((label) => label !== 'b1')).toEqual(labels('a', 2));
    });

    it('that fails again is a dead letter again, and the operation counts it', async () => {
      const { subscription } = await buried({ retry: once }, 'a1', 'b1');
      subscription.respond((label) => ({ status: label === 'a1' ? 500 : 200 }));
      const done = await subscription.operate('dead-letters/redrive');
      expect(done).toMatchObject({ total: 2, delivered: 1, failed: 1 });
      expect(await subscription.deadLetters()).toMatchObject([{ eventId: 'a1', attempts: 1 }]);
    });

    it('is dropped on request, for good', async () => {
      const { topic, subscription, deadLetters } = await buried({ retry: once }, 'a1', 'b1');
      const path = (id: string) => `${subscription.path}/dead-letters/${id}`;
      const [first] = deadLetters;
      expect((await millrace().call('DELETE', path(first!.id))).status).toBe(204);
      expect((await subscription.deadLetters()).map(({ id }) => id)).toEqual([deadLetters[1]!.id]);
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await millrace().call(method, path(first!.id));
        expect([status, body['code']]).toEqual([404, 'WEBHOOKS.DEAD_LETTER_NOT_FOUND']);
      }
      subscription.respond(allWork);
      expect(await subscription.operate('dead-letters/redrive')).toMatchObject({ total: 1 });
      await publishLabels(millrace(), topic, 'c1');
      await subscription.takes(2);
      expect(subscription.taken.toSorted()).toEqual([deadLetters[1]!.eventId, 'c1'].toSorted());
    });

    it('of somebody else is not found', async () => {
      const { subscription, deadLetters } = await buried({ retry: once }, 'a1');
      const { subscription: other } = await buried({ retry: once }, 'b1');
      const path = `${other.path}/dead-letters/${deadLetters[0]!.id}`;
      expect((await millrace().call('GET', path)).status).toBe(404);
      const done = await other.operate('dead-letters/redrive', { ids: [deadLetters[0]!.id] });
      expect(done).toMatchObject({ total: 0, delivered: 0 });
      expect(await subscription.deadLetters()).toHaveLength(1);
    });
  });
}
