import type { MillraceClient } from '../../support/client.js';
import { envelopes, SseConnection, type Envelope } from '../../support/sse.js';

const idsOf = (read: readonly Envelope[]): readonly string[] => read.map(({ event }) => event.id);

interface Poll {
  readonly events: readonly Envelope[];
  readonly cursor: string;
}

/** Reading: where to begin, how to go on, and with whom. */
export function streamsStory(millrace: () => MillraceClient): void {
  const publishNumbers = async (topic: string, from: number, to: number) => {
    for (let n = from; n <= to; n += 1)
      await millrace().publish(topic, { n }, { id: String(n), key: `key-${n % 7}` });
  };
  const poll = (stream: string, query = 'waitSeconds=10') =>
    millrace().must<Poll>('GET', `/v1/streams/${stream}/events?${query}`, {
      headers: { accept: 'application/json' },
    });

  describe('streams', () => {
    it('go on behind the Last-Event-ID', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      await publishNumbers(topic, 1, 5);
      const first = await SseConnection.open(millrace(), stream);
      const read = await first.events(3);
      first.close();
      const second = await SseConnection.open(millrace(), stream, { lastEventId: read[2]!.id! });
      expect(idsOf(envelopes(await second.events(2)))).toEqual(['4', '5']);
      second.close();
    });

    it('begin at the earliest, the latest, a time or an offset', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      await publishNumbers(topic, 1, 2);
      const between = new Date().toISOString();
      await publishNumbers(topic, 3, 4);
      const idsFrom = async (from: string) =>
        idsOf((await poll(stream, `waitSeconds=10&from=${encodeURIComponent(from)}`)).events);
      expect(await idsFrom('earliest')).toEqual(['1', '2', '3', '4']);
      expect(await idsFrom(between)).toEqual(['3', '4']);
      expect(await idsFrom('offset:0:3')).toEqual(['4']);
      const live = await SseConnection.open(millrace(), stream, { query: '?from=latest' });
      await publishNumbers(topic, 5, 5);
      expect(idsOf(envelopes(await live.events(1)))).toEqual(['5']);
      live.close();
    });

    it('are read as lines of JSON too', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      await publishNumbers(topic, 1, 3);
      const path = `/v1/streams/${stream}/events`;
      const hangUp = new AbortController();
      const answer = await fetch(millrace().installation.url('GET', path), {
        headers: {
          accept: 'application/x-ndjson',
          authorization: `Bearer ${millrace().installation.adminKey}`,
        },
        signal: hangUp.signal,
      });
      const lines: Envelope[] = [];
      let buffered = '';
      const decoder = new TextDecoder();
      const reader = answer.body!.getReader();
      while (lines.length < 3) {
        const { value } = await reader.read();
        buffered += decoder.decode(value, { stream: true });
        const parts = buffered.split('\n');
        buffered = parts.pop()!;
        const parsed = parts.filter(Boolean).map((line) => JSON.parse(line) as Envelope);
        lines.push(...parsed.filter(({ event }) => event !== undefined));
      }
      hangUp.abort();
      expect(idsOf(lines)).toEqual(['1', '2', '3']);
    });

    it('go on behind the committed cursor', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      await publishNumbers(topic, 1, 3);
      const { cursor } = await poll(stream, 'waitSeconds=10&limit=2');
      await millrace().must('POST', `/v1/streams/${stream}/commit`, { json: { cursor } });
      await publishNumbers(topic, 4, 4);
      const next = await SseConnection.open(millrace(), stream);
      expect(idsOf(envelopes(await next.events(2)))).toEqual(['3', '4']);
      next.close();
    });

    it('are shared by several readers, and taken over from one that hangs up', async () => {
      const topic = await millrace().createTopic({ partitions: 4 });
      const stream = await millrace().createStream(topic);
      const one = await SseConnection.open(millrace(), stream);
      const other = await SseConnection.open(millrace(), stream);
      const seen = new Map<string, Set<SseConnection>>();
      const collect = async (reader: SseConnection): Promise<void> => {
        for (;;) {
          const message = await reader.next().catch(() => undefined);
          if (message === undefined) return;
          if (message.data === undefined || message.event !== undefined) continue;
          const { event } = JSON.parse(message.data) as Envelope;
          if (event) seen.set(event.id, (seen.get(event.id) ?? new Set()).add(reader));
        }
      };
      const collecting = [collect(one), collect(other)];
      let sent = 0;
      const publishUntil = async (condition: () => boolean): Promise<void> => {
        for (; !condition(); sent += 10) await publishNumbers(topic, sent, sent + 9);
      };
      const readers = () => new Set([...seen.values()].flatMap((each) => [...each]));
      await publishUntil(() => readers().size === 2);
      one.close();
      const before = sent;
      const takenOver = () =>
        Array.from({ length: 7 }, (_, key) => key).every((key) =>
          [...seen].some(
            ([id, by]) => Number(id) >= before && Number(id) % 7 === key && by.has(other),
          ),
        );
      await publishUntil(takenOver);
      other.close();
      await Promise.all(collecting);
      expect(takenOver()).toBe(true);
    });

    it('give the few events that pass a filter as promptly as many, live and from the start', async () => {
      const topic = await millrace().createTopic({ partitions: 2 });
      const stream = await millrace().createStream(topic, { filter: { exact: { type: 'rare' } } });
      const live = await SseConnection.open(millrace(), stream);
      const rare = new Set(['100', '300', '500', '700', '900']);
      const publish = (ids: readonly string[]) =>
        millrace().must('POST', `/v1/topics/${topic}/events`, {
          headers: { 'content-type': 'application/cloudevents-batch+json' },
          body: JSON.stringify(
            ids.map((id) => ({
              specversion: '1.0',
              id,
              source: '/many',
              type: rare.has(id) ? 'rare' : 'common',
              partitionkey: 'one',
            })),
          ),
        });
      const numbers = (from: number) => Array.from({ length: 10 }, (_, n) => String(from + n));
      let cursor: string | undefined;
      for (let from = 1; from <= 991; from += 10) {
        const ids = numbers(from);
        await publish(ids);
        const due = ids.filter((id) => rare.has(id));
        if (due.length === 0) continue;
        // Each arrives before the next is published: no heartbeat and no later event brings it.
        const read = await live.events(due.length);
        expect(idsOf(envelopes(read))).toEqual(due);
        if (due.includes('500')) cursor = read.at(-1)!.id;
      }
      live.close();
      const { events } = await poll(stream, 'waitSeconds=10&from=earliest');
      expect(idsOf(events)).toEqual([...rare]);
      const back = await SseConnection.open(millrace(), stream, { lastEventId: cursor! });
      expect(idsOf(envelopes(await back.events(2)))).toEqual(['700', '900']);
      back.close();
    });

    it('judge again what was read before a change of the filter was heard of', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const filter = { exact: { subject: 'x', type: 'a' } };
      const stream = await millrace().createStream(topic, { filter });
      const send = (id: string, type: string) =>
        millrace().publish(topic, {}, { id, type, subject: 'x' });
      await send('1', 'a');
      const first = await poll(stream);
      expect(idsOf(first.events)).toEqual(['1']);
      const path = `/v1/subscriptions/${stream}`;
      await millrace().must('PATCH', path, { json: { filter: { exact: { type: 'b' } } } });
      await send('2', 'b');
      const second = await poll(stream, `waitSeconds=10&cursor=${first.cursor}`);
      expect(idsOf(second.events)).toEqual(['2']);
      for (const verb of ['pause', 'resume']) await millrace().must('POST', `${path}/${verb}`);
      await send('3', 'b');
      const third = await poll(stream, `waitSeconds=10&cursor=${second.cursor}`);
      expect(idsOf(third.events)).toEqual(['3']);
    });

    it('refuse a commit from a reader whose partition was taken over', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      const stream = await millrace().createStream(topic);
      await publishNumbers(topic, 1, 2);
      const gone = await SseConnection.open(millrace(), stream);
      const [first] = await gone.events(1);
      gone.close();
      const next = await SseConnection.open(millrace(), stream);
      await next.events(1);
      const late = await millrace().call('POST', `/v1/streams/${stream}/commit`, {
        json: { cursor: first!.id },
      });
      expect(late.status).toBe(409);
      expect(late.body['code']).toBe('STREAMS.LEASE_LOST');
      next.close();
    });

    it('let a topic be looked into without a subscription', async () => {
      const topic = await millrace().createTopic({ partitions: 1 });
      await publishNumbers(topic, 1, 5);
      const look = await millrace().must<{ data: Envelope[] }>(
        'GET',
        `/v1/topics/${topic}/events?partition=0&from=earliest&limit=3`,
      );
      expect(idsOf(look.data)).toEqual(['1', '2', '3']);
      const single = await millrace().must('GET', `/v1/topics/${topic}/events/0/4`);
      expect(single).toMatchObject({ offset: 4, event: { id: '5' } });
    });
  });
}
