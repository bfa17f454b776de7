import { EventData } from '../../../src/events/event-data.js';
import { envelopes, SseConnection, type Envelope } from '../../support/sse.js';
import { StreamsApp, testBed, type TestBed } from './streams-app.js';

const idsOf = (messages: readonly { readonly data: string }[]): readonly string[] =>
  envelopes(messages).map(({ event }) => event.id);

interface Poll {
  readonly events: readonly Envelope[];
  readonly cursor: string;
}

describe('a stream', () => {
  let bed: TestBed;
  let app: StreamsApp;

  beforeAll(async () => {
    bed = await testBed();
    app = await StreamsApp.start(bed);
  });
  afterAll(async () => {
    await app.stop();
    await bed.database.drop();
  });

  const poll = (stream: string, query: string) =>
    app.client.must<Poll>('GET', `/v1/streams/${stream}/events?${query}`, {
      headers: { accept: 'application/json' },
    });
  const pollIds = async (stream: string, query: string) =>
    (await poll(stream, query)).events.map(({ event }) => event.id);

  it('gives what was stored before and what is stored while it is read, in order', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    await app.publishNumbers(topic.name, 1, 3);
    const reader = await SseConnection.open(app.client, stream);
    expect(idsOf(await reader.events(3))).toEqual(['1', '2', '3']);
    await app.publishNumbers(topic.name, 4, 5);
    expect(idsOf(await reader.events(2))).toEqual(['4', '5']);
    reader.close();
  });

  it('gives payloads byte by byte as they were stored, save line ends between JSON tokens', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    const text = '{"b": 1.0,  "a":12345678901234567890,\r\n"é":"\\u00e9\\n"}';
    await app.publish(topic.name, [
      { id: '1', data: EventData.received(Buffer.from(text), 'application/json') },
    ]);
    const reader = await SseConnection.open(app.client, stream);
    const [message] = await reader.events(1);
    expect(message!.data).toContain(`"data":${text.replace('\r\n', ' ')}}`);
    expect(JSON.parse(message!.data)).toMatchObject({
      topic: topic.name,
      partition: 0,
      offset: 0,
      messageId: expect.stringMatching(/^msg_/),
      event: { specversion: '1.0', id: '1', source: '/test', type: 'test' },
    });
    reader.close();
  });

  it('goes on behind the Last-Event-ID, whatever was committed', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    await app.publishNumbers(topic.name, 1, 5);
    const first = await SseConnection.open(app.client, stream);
    const read = await first.events(4);
    const commit = { json: { cursor: read[3]!.id } };
    await app.client.must('POST', `/v1/streams/${stream}/commit`, commit);
    first.close();
    const second = await SseConnection.open(app.client, stream, { lastEventId: read[1]!.id! });
    expect(idsOf(await second.events(3))).toEqual(['3', '4', '5']);
    second.close();
    const third = await SseConnection.open(app.client, stream);
    expect(idsOf(await third.events(1))).toEqual(['5']);
    third.close();
  });

  it('begins where the reader says, and else at the committed cursor', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    await app.publishNumbers(topic.name, 1, 2);
    const { cursor } = await poll(stream, 'waitSeconds=10&limit=1');
    await app.client.must('POST', `/v1/streams/${stream}/commit`, { json: { cursor } });
    expect(await pollIds(stream, 'waitSeconds=10&from=earliest')).toEqual(['1', '2']);
    expect(await pollIds(stream, 'waitSeconds=10&from=offset:0:1')).toEqual(['2']);
    expect(await pollIds(stream, 'waitSeconds=0&from=latest')).toEqual([]);
    expect(await pollIds(stream, `waitSeconds=10&from=2020-01-01T00:00:00Z`)).toEqual(['1', '2']);
    expect(await pollIds(stream, 'waitSeconds=10')).toEqual(['2']);
  });

  it('polled again with an older cursor gives the same again, as the answer was lost', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    await app.publishNumbers(topic.name, 1, 9);
    const first = await poll(stream, 'waitSeconds=10&limit=3');
    expect(await pollIds(stream, `waitSeconds=10&limit=3&cursor=${first.cursor}`)).toEqual([
      '4',
      '5',
      '6',
    ]);
    expect(await pollIds(stream, `waitSeconds=10&limit=3&cursor=${first.cursor}`)).toEqual([
      '4',
      '5',
      '6',
    ]);
  });

  it('answers a poll as soon as an event is there', async () => {
    const topic = await app.createTopic(2);
    const stream = await app.client.createStream(topic.name);
    const { cursor } = await poll(stream, 'waitSeconds=0');
    const waiting = poll(stream, `waitSeconds=60&cursor=${cursor}`);
    await app.publishNumbers(topic.name, 1, 1, 1);
    expect((await waiting).events.map(({ event }) => event.id)).toEqual(['1']);
  });

  it('is written as lines of JSON with a cursor each', async () => {
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    await app.publishNumbers(topic.name, 1, 2);
    const hangUp = new AbortController();
    const path = `/v1/streams/${stream}/events`;
    const answer = await fetch(app.client.installation.url('GET', path), {
      headers: {
        accept: 'application/x-ndjson',
        authorization: `Bearer ${app.client.installation.adminKey}`,
      },
      signal: hangUp.signal,
    });
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"id":"2"') && text.endsWith('\n')) break;
    }
    hangUp.abort();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ control: 'assigned', partitions: [0] });
    expect(lines.slice(1)).toMatchObject([
      { cursor: expect.any(String), offset: 0, event: { id: '1' } },
      { cursor: expect.any(String), offset: 1, event: { id: '2' } },
    ]);
  });

  it('of a subscription that is not there, or of another kind of Accept, is a clear error', async () => {
    const missing = await app.client.call('GET', '/v1/streams/nobody/events');
    expect([missing.status, missing.body['code']]).toEqual([404, 'STREAMS.NOT_FOUND']);
    const topic = await app.createTopic(1);
    const stream = await app.client.createStream(topic.name);
    const codeOf = async (path: string, headers: Record<string, string> = {}) => {
      const { status, body } = await app.client.call('GET', path, { headers });
      return [status, body['code']];
    };
    const events = `/v1/streams/${stream}/events`;
    expect(await codeOf(events, { accept: 'text/html' })).toEqual([400, 'STREAMS.FORMAT_UNKNOWN']);
    expect(await codeOf(`${events}?from=yesterday`)).toEqual([400, 'STREAMS.FROM_INVALID']);
    expect(await codeOf(`${events}?from=offset:0:5`)).toEqual([400, 'STREAMS.FROM_INVALID']);
    expect(await codeOf(`${events}?cursor=nonsense`)).toEqual([400, 'STREAMS.CURSOR_INVALID']);
    expect(await codeOf(`${events}?waitSeconds=61`)).toEqual([400, 'REQUEST.INVALID']);
    expect(await codeOf(`${events}?unknown=1`)).toEqual([400, 'REQUEST.UNKNOWN_FIELD']);
  });
});
