import type { LogConfig } from '../storage/log-config.js';
import { TOPIC_CONFIGS } from './config-definitions.js';
import { listOf, type ConfigValues } from './config-values.js';

/** What a topic's configurations, over the broker's defaults, mean to its logs. */
export function logConfigOf(set: ConfigValues, defaults: ConfigValues): LogConfig {
  const text = (name: string): string =>
    set[name] ?? defaults[name] ?? TOPIC_CONFIGS[name]?.fallback ?? '';
  const number = (name: string): number => Number(text(name));
  const policies = listOf(text('cleanup.policy'));
  const compacts = policies.includes('compact');
  return {
    segmentBytes: Math.min(number('segment.bytes'), number('internal.segment.bytes')),
    segmentMs: number('segment.ms'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    cleanupPolicy: compacts
      ? policies.includes('delete')
        ? 'compact,delete'
        : 'compact'
      : 'delete',
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampType:
      text('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
  };
}
