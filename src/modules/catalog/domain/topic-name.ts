import { ENTITY_ID } from '../../../common/ids.js';
import { TopicNameInvalid } from './catalog.errors.js';

const reserved = ['millrace.', '__'];

/**
 * Holds a topic's name to the rule of ids, which lies within Kafka's own rule for topic names.
 * @param prefix prefix of the installation's internal topics, reserved like `millrace.` and `__`
 * @throws TopicNameInvalid
 */
export const requireTopicName = (name: string, prefix: string): void => {
  const taken = [...reserved, prefix].find((start) => start !== '' && name.startsWith(start));
  if (taken !== undefined)
    throw new TopicNameInvalid(`Topic names that begin with "${taken}" are reserved.`, { name });
  if (!ENTITY_ID.test(name))
    throw new TopicNameInvalid(
      'A topic name must be 1 to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit.',
      { name },
    );
};
