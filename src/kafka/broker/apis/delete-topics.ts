/*
 * DeleteTopics: deletes topics by name or, in version 6, by id.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api } from './api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Broker } from '../broker.js';
import { errorCodeOf } from './error-code-of.js';
import { firstTime } from './first-time.js';
import { repeated } from './repeated.js';
import { array, int16, int32, string, uuid, ZERO_UUID } from '../protocol/types.js';

const request = {
  topics: array(
    {
      name: string('6+').nullable('6+'),
      topicId: uuid('6+'),
    },
    '6+',
  ),
  topicNames: array(string(), '0-5'),
  timeoutMs: int32(),
};

const response = {
  throttleTimeMs: int32().or(0),
  responses: array({
    name: string().nullable('6+').or(null),
    topicId: uuid('6+').or(ZERO_UUID),
    errorCode: int16(),
    errorMessage: string('5+').nullable('5+').or(null),
  }),
};

export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: '1-6',
  flexibleFrom: 4,
  request,
  response,
  async handle({ topics, topicNames }, { broker, version }) {
    const wanted =
      version < FIRST_WITH_IDS ? topicNames.map((name) => ({ name, topicId: ZERO_UUID })) : topics;
    const responses = [];
    for (const each of distinct(wanted, broker)) responses.push(await remove(broker, each));
    return { responses };
  },
});

const FIRST_WITH_IDS = 6;

/** A topic by its name or its id. */
interface Wanted {
  readonly name: string | null;
  readonly topicId: string;
  /** Why it is not even looked for. */
  readonly refusal?: string | undefined;
}

/** Each once; what is named more often, in whatever way, is refused, as Kafka does. */
function distinct(wanted: readonly Wanted[], broker: Broker): readonly Wanted[] {
  const isFirst = firstTime();
  const idOf = ({ name, topicId }: Wanted): string =>
    name === null ? topicId : (broker.topics.get(name)?.id ?? `named ${name}`);
  const asked = wanted.map((one) => ({ ...one, refusal: refusalOf(one) }));
  const twice = repeated(asked.filter(({ refusal }) => !refusal).map(idOf));
  return asked
    .filter((one) => one.refusal !== undefined || isFirst(idOf(one)))
    .map((one) => {
      const isTwice = one.refusal === undefined && twice.has(idOf(one));
      return isTwice ? { ...one, refusal: 'It is named twice.' } : one;
    });
}

function refusalOf({ name, topicId }: Wanted): string | undefined {
  if (name === null && topicId === ZERO_UUID) return 'Neither a name nor an id.';
  return name !== null && topicId !== ZERO_UUID ? 'Both a name and an id.' : undefined;
}

async function remove(broker: Broker, { name, topicId, refusal }: Wanted) {
  if (refusal !== undefined) {
    return { name, topicId, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: refusal };
  }
  const topic = name === null ? broker.topics.getById(topicId) : broker.topics.get(name);
  if (!topic) {
    const errorCode =
      name === null ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return { name, topicId, errorCode, errorMessage: null };
  }
  const found = { name: topic.name, topicId: topic.id };
  try {
    await broker.topics.delete(topic);
    return { ...found, errorCode: ErrorCode.NONE };
  } catch (error) {
    return { ...found, errorCode: errorCodeOf(error), errorMessage: (error as Error).message };
  }
}
