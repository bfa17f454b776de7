import { StorageRuntime } from '../../storage/storage-runtime.js';
import { TopicRegistry, type TopicRegistryOptions } from '../topic-registry.js';

/** Opens the topics in a directory with the settings that a test cares about. */
export function openTopics(
  directory: string,
  options: Partial<TopicRegistryOptions> = {},
): Promise<TopicRegistry> {
  return TopicRegistry.open({
    directory,
    leaderEpoch: 0,
    fsync: 'never',
    runtime: new StorageRuntime(),
    defaults: {},
    maxPartitions: 100,
    ...options,
  });
}
