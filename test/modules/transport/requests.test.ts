import { randomUUID } from 'node:crypto';
import { ClientKafka, type KafkaOptions } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { MillraceError, type ErrorKind } from '../../../src/common/errors/millrace-error.js';
import { eventually } from '../../support/eventually.js';
import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { PlainKafka, type PlainRecord } from './support/plain-kafka.js';
import { ToyApp } from './support/toy-app.js';
import { alpha, ask, beta, tell, type Question } from './support/toy-contracts.js';

class QuestionTooHard extends MillraceError {
  readonly code = 'ALPHA.QUESTION_TOO_HARD';
  readonly kind: ErrorKind = 'conflict';
}

describe('requests between modules', () => {
  let database: TestDatabase;
  let prefix: string;
  let toy: ToyApp;
  let plain: PlainKafka;

  beforeAll(async () => {
    database = await freshDatabase();
    prefix = `${database.name}.`;
    toy = await ToyApp.start({ databaseUrl: database.url, prefix });
    plain = await new PlainKafka().connect();
  });

  afterAll(async () => {
    await plain.close();
    await toy.stop();
    await database.drop();
  });

  /** Sends a request as a foreign program does, and waits for its reply. */
  async function sendPlainly(
    contract: { readonly name: string },
    headers: Record<string, string>,
    value: unknown = { text: 'x' },
  ): Promise<PlainRecord> {
    const replyTopic = `${prefix}${randomUUID()}`;
    await plain.admin.createTopics({ topics: [{ topic: replyTopic, numPartitions: 2 }] });
    await plain.send(prefix + contract.name, {
      value: JSON.stringify(value),
      headers: {
        kafka_correlationId: 'c1',
        kafka_replyTopic: replyTopic,
        kafka_replyPartition: '1',
        ...headers,
      },
    });
    const [reply] = await plain.read(replyTopic, 1);
    return reply!;
  }

  it('are answered', async () => {
    expect(await toy.client.request(ask, { text: 'x' })).toEqual({ text: 'heard x' });
  });

  it('keep fields named key and value, which a Kafka record has too', async () => {
    let seen: Question | undefined;
    toy.script.onTell = async (payload) => {
      seen = payload;
      return { text: '', key: 'k', value: 'v' };
    };
    const question = { text: 'x', key: 'mine', value: { deep: true } };
    const reply = await toy.client.request(tell, question);
    expect(seen).toEqual(question);
    expect(reply).toEqual({ text: '', key: 'k', value: 'v' });
  });

  it('keep header values that look like JSON as text', async () => {
    let headers: Readonly<Record<string, string>> = {};
    toy.script.onTell = async (_, context) => {
      headers = context.headers;
      return { text: '' };
    };
    await sendPlainly(tell, { one: '{"a":1}', two: '[1]', three: '{', four: '7' });
    expect(headers).toMatchObject({ one: '{"a":1}', two: '[1]', three: '{', four: '7' });
  });

  it('bring back an error with its code, kind, message and details', async () => {
    toy.script.onAsk = async () => {
      throw new QuestionTooHard('Too hard.', { limit: 3 });
    };
    await expect(toy.client.request(ask, { text: 'x' })).rejects.toMatchObject({
      name: 'RemoteError',
      code: 'ALPHA.QUESTION_TOO_HARD',
      kind: 'conflict',
      message: 'Too hard.',
      details: { limit: 3 },
    });
  });

  it('tell nothing of an unexpected failure', async () => {
    toy.script.onAsk = async () => {
      throw new Error('password=hunter2');
    };
    const failure = await toy.client.request(ask, { text: 'x' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INTERNAL.UNEXPECTED', kind: 'internal' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('hunter2');
  });

  it('refuse a reply that breaks the contract', async () => {
    toy.script.onAsk = async () => ({ words: 1 });
    await expect(toy.client.request(ask, { text: 'x' })).rejects.toMatchObject({
      code: 'TRANSPORT.REPLY_INVALID',
    });
  });

  it('end at their deadline when nobody answers', async () => {
    toy.script.onAsk = () => new Promise(() => {});
    const started = performance.now();
    await expect(toy.client.request(ask, { text: 'x' }, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TRANSPORT.REQUEST_TIMED_OUT',
      kind: 'unavailable',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('are not held up by one that hangs', async () => {
    toy.script.onAsk = ({ text }) =>
      text === 'hang' ? new Promise(() => {}) : Promise.resolve({ text });
    const hanging = toy.client.request(ask, { text: 'hang' }, { timeoutMs: 3_000 });
    const outcome = hanging.then(
      () => 'answered',
      () => 'timed out',
    );
    const quick = Array.from({ length: 12 }, (_, index) =>
      toy.client.request(ask, { text: String(index) }, { timeoutMs: 2_000 }),
    );
    expect(await Promise.all(quick)).toHaveLength(12);
    expect(await outcome).toBe('timed out');
  });

  it('are not executed after their deadline', async () => {
    const seen: string[] = [];
    toy.script.onTell = async ({ text }) => {
      seen.push(text);
      return { text };
    };
    const late = { 'millrace-deadline': String(Date.now() - 1) };
    const reply = await sendPlainly(tell, late, { text: 'late' });
    expect(reply.headers['kafka_nest-err']).toContain('TRANSPORT.DEADLINE_PASSED');
    await sendPlainly(tell, {}, { text: 'in time' });
    expect(seen).toEqual(['in time']);
  });

  it('reach the partition that a foreign program asked for', async () => {
    const reply = await sendPlainly(tell, {});
    expect(reply).toMatchObject({ partition: 1, headers: { kafka_correlationId: 'c1' } });
  });

  it.each(['{', 'null', '"text"', '{"other":1}'])('refuse the payload %s', async (value) => {
    const replyTopic = `${prefix}${randomUUID()}`;
    await plain.admin.createTopics({ topics: [{ topic: replyTopic }] });
    const headers = { kafka_correlationId: 'c', kafka_replyTopic: replyTopic };
    await plain.send(prefix + tell.name, { value, headers });
    const [reply] = await plain.read(replyTopic, 1);
    expect(reply!.headers['kafka_nest-err']).toContain('TRANSPORT.CONTRACT_VIOLATED');
  });

  it('of the inside are refused without the signature of the installation', async () => {
    let executed = false;
    toy.script.onAsk = async () => {
      executed = true;
      return { text: '' };
    };
    const reply = await sendPlainly(ask, { 'millrace-signature': 'AAAA' });
    expect(reply.headers['kafka_nest-err']).toContain('TRANSPORT.NOT_AUTHENTIC');
    expect(executed).toBe(false);
  });

  it("of the inside are refused from another installation's key", async () => {
    const other = await ToyApp.start({
      databaseUrl: database.url,
      prefix,
      modules: [beta],
      encryptionKey: Buffer.alloc(32, 1),
    });
    const request = other.client.request(ask, { text: 'x' });
    await expect(request).rejects.toMatchObject({ code: 'TRANSPORT.NOT_AUTHENTIC' });
    await other.stop();
  });

  it('carry the authorization of whom they are sent for', async () => {
    let authorization: string | undefined;
    toy.script.onTell = async (_, context) => {
      authorization = context.authorization;
      return { text: '' };
    };
    await toy.client.request(tell, { text: 'x' }, { authorization: 'Bearer mr_key' });
    expect(authorization).toBe('Bearer mr_key');
  });

  it("are answered to each of several instances, through the module's one reply topic", async () => {
    toy.script.onAsk = async ({ text }) => ({ text });
    const options = { databaseUrl: database.url, prefix, modules: [beta] };
    const others = await Promise.all([ToyApp.start(options), ToyApp.start(options)]);
    const instances = [toy, ...others];
    const answers = await Promise.all(
      instances.map(({ client }, index) => client.request(ask, { text: `instance ${index}` })),
    );
    expect(answers.map(({ text }) => text)).toEqual(['instance 0', 'instance 1', 'instance 2']);
    await Promise.all(others.map((other) => other.stop()));
  });

  it('are answered again after their reply topic was deleted', async () => {
    toy.script.onAsk = async ({ text }) => ({ text });
    await toy.client.request(ask, { text: 'before' });
    await plain.admin.deleteTopics({ topics: [`${prefix}beta.replies`] });
    const answered = await eventually(
      () => toy.client.request(ask, { text: 'after' }, { timeoutMs: 1_000 }).catch(() => undefined),
      (reply) => reply !== undefined,
    );
    expect(answered).toEqual({ text: 'after' });
  });

  it('have a reply topic only where requests are sent', async () => {
    const topics = await plain.admin.listTopics();
    expect(topics).toContain(`${prefix}beta.replies`);
    expect(topics).not.toContain(`${prefix}alpha.replies`);
    expect(() => toy.transport(alpha).requestClient).toThrow('sendsRequests');
  });

  it("can come from any Nest service through Nest's own Kafka client", async () => {
    toy.script.onTell = async ({ text }) => ({ text: `hello ${text}` });
    const pattern = prefix + tell.name;
    await plain.admin.createTopics({ topics: [{ topic: `${pattern}.reply`, numPartitions: 1 }] });
    const options: Required<KafkaOptions>['options'] = {
      client: { brokers: [process.env['MILLRACE_TEST_KAFKA']!], logLevel: 0 },
      consumer: { groupId: `${prefix}foreign`, maxWaitTimeInMs: 100 },
    };
    const client = new ClientKafka(options);
    client.subscribeToResponseOf(pattern);
    await client.connect();
    expect(await firstValueFrom(client.send(pattern, { text: 'Nest' }))).toEqual({
      text: 'hello Nest',
    });
    await client.close();
  });
});
