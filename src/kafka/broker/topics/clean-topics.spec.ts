import { openLog } from '../storage/testing/log-fixture.js';
import { cleanTopics } from './clean-topics.js';
import { TopicIndex } from './topic-index.js';
import { Topic } from './topic.js';

describe('cleaning', () => {
  it('gives others their turns between partitions that have nothing to clean', async () => {
    const partitions = 5_000;
    const topic = new Topic({ name: 'orders', id: 'a', partitions, configs: {} }, {});
    const log = await openLog();
    for (let partition = 0; partition < partitions; partition++) topic.addPartition(log);
    const topics = new TopicIndex(partitions);
    topics.add(topic);
    let turns = 0;
    let others = setImmediate(function next() {
      turns += 1;
      others = setImmediate(next);
    });
    await cleanTopics(topics);
    clearImmediate(others);
    expect(turns).toBeGreaterThanOrEqual(5);
    await log.close();
  });
});
