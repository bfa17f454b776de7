import { ErrorCode } from '../protocol/error-codes.js';
import { temporaryDirectory } from '../storage/testing/log-fixture.js';
import { openTopics } from './testing/open-topics.js';

describe('the partitions of all topics', () => {
  it('count where they were added later, until their topic is gone', async () => {
    const topics = await openTopics(temporaryDirectory(), { maxPartitions: 10 });
    const grown = await topics.create('grown', 1);
    await topics.addPartitions(grown, 6);
    const tooMany = { code: ErrorCode.POLICY_VIOLATION };
    await expect(topics.create('others', 5)).rejects.toMatchObject(tooMany);
    const others = await topics.create('others', 4);
    await expect(topics.addPartitions(others, 5)).rejects.toMatchObject(tooMany);
    await topics.delete(grown);
    await topics.addPartitions(others, 10);
    await topics.close();
  });
});
