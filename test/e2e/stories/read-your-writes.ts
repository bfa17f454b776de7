import { uniqueName, type MillraceClient } from '../../support/client.js';

const ROUNDS = 1000;
const AT_ONCE = 8;
const ROUNDS_PER_TOPIC = 10;

/**
 * What is made is used at once, through whichever process owns the next route: a key and a
 * subscription a thousand times, a topic and a schema a hundred times.
 */
export function readYourWritesStory(millrace: () => MillraceClient): void {
  describe('read your writes', () => {
    it(`holds ${ROUNDS} times for a new key and a new subscription, and for new topics and schemas`, async () => {
      const faults: string[] = [];
      const rounds = Array.from({ length: ROUNDS / ROUNDS_PER_TOPIC }, (_, n) => n).values();
      const work = async (): Promise<void> => {
        for (const round of rounds) faults.push(...(await useNewThings(millrace(), round)));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      expect(faults).toEqual([]);
    }, 240_000);
  });
}

/** One new topic, and then a new key and a new subscription on it, ten times. */
async function useNewThings(millrace: MillraceClient, round: number): Promise<readonly string[]> {
  const faults: string[] = [...(await useNewSchema(millrace, round))];
  const topic = await millrace.createTopic({ partitions: 1 }, uniqueName(`new-${round}`));
  for (let turn = 0; turn < ROUNDS_PER_TOPIC; turn += 1) {
    const key = await millrace.createKey({ scopes: ['publish', 'consume'], topics: [topic] });
    const id = `${topic}-${turn}`;
    const user = millrace.as(key);
    const published = await user.call('POST', `/v1/topics/${topic}/events?id=${id}`, {
      json: turn,
    });
    if (published.status !== 202) faults.push(`${id}: publish answered ${published.status}`);
    const stream = await millrace.createStream(topic);
    if (!(await arrives(user, stream, id))) faults.push(`${id}: did not arrive`);
  }
  return faults;
}

/** A schema that is registered is the one that the next event is held to. */
async function useNewSchema(millrace: MillraceClient, round: number): Promise<readonly string[]> {
  const topic = await millrace.createTopic({ enforceSchemas: true }, uniqueName(`held-${round}`));
  const schema = { type: 'object', required: ['total'] };
  await millrace.must('PUT', `/v1/topics/${topic}/schemas/paid`, { json: { schema } });
  const path = `/v1/topics/${topic}/events?type=paid`;
  const { status } = await millrace.call('POST', path, { json: { total: round } });
  return status === 202 ? [] : [`${topic}: publish under a new schema answered ${status}`];
}

interface Poll {
  readonly events: readonly { readonly event: { readonly id: string } }[];
  readonly cursor: string;
}

/** Reads a stream from its start until an event comes, or nothing more does. */
async function arrives(user: MillraceClient, stream: string, id: string): Promise<boolean> {
  let position = '';
  for (;;) {
    const path = `/v1/streams/${stream}/events?waitSeconds=10&limit=100${position}`;
    const read = await user.must<Poll>('GET', path, { headers: { accept: 'application/json' } });
    if (read.events.some(({ event }) => event.id === id)) return true;
    if (read.events.length === 0) return false;
    position = `&cursor=${encodeURIComponent(read.cursor)}`;
  }
}
