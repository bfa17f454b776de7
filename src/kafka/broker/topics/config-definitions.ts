/** Types of configuration values, with the numbers DescribeConfigs gives them. */
export const ConfigType = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

/** One configuration of a topic: its default, and which values it takes. */
export interface ConfigDefinition {
  readonly type: keyof typeof ConfigType;
  readonly fallback: string;
  /** Smallest and largest number. */
  readonly min?: number;
  readonly max?: number;
  /** The words that a string, or each item of a list, may be. */
  readonly oneOf?: readonly string[];
}

const MAX_INT = 2_147_483_647;
const MAX_LONG_TEXT = '9223372036854775807';
const WEEK_MS = '604800000';

const long = (fallback: string, min?: number): ConfigDefinition => ({
  type: 'long',
  fallback,
  min,
});
const int = (fallback: string, min: number, max = MAX_INT): ConfigDefinition => ({
  type: 'int',
  fallback,
  min,
  max,
});
const boolean = (fallback: string): ConfigDefinition => ({ type: 'boolean', fallback });
const oneOf = (fallback: string, ...values: string[]): ConfigDefinition => ({
  type: 'string',
  fallback,
  oneOf: values,
});

/**
 * The topic configurations of Apache Kafka 4, with its defaults and bounds. Those about replicas and
 * tiered storage have nothing to act on in a single node; those and what is about file layout,
 * flushing (the broker's `fsync` decides) and recompression are kept and shown only.
 */
export const TOPIC_CONFIGS: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': { type: 'list', fallback: 'delete', oneOf: ['compact', 'delete'] },
  'compression.gzip.level': int('-1', -1, 9),
  'compression.lz4.level': int('9', 1, 17),
  'compression.type': oneOf(
    'producer',
    'uncompressed',
    'zstd',
    'lz4',
    'snappy',
    'gzip',
    'producer',
  ),
  'compression.zstd.level': int('3', -131_072, 22),
  'delete.retention.ms': long('86400000', 0),
  'file.delete.delay.ms': long('60000', 0),
  'flush.messages': long(MAX_LONG_TEXT, 1),
  'flush.ms': long(MAX_LONG_TEXT, 0),
  'follower.replication.throttled.replicas': { type: 'list', fallback: '' },
  'index.interval.bytes': int('4096', 0),
  'internal.segment.bytes': int('1073741824', 0),
  'leader.replication.throttled.replicas': { type: 'list', fallback: '' },
  'local.retention.bytes': long('-2', -2),
  'local.retention.ms': long('-2', -2),
  'max.compaction.lag.ms': long(MAX_LONG_TEXT, 1),
  'max.message.bytes': int('1048588', 0),
  'message.timestamp.after.max.ms': long('3600000', 0),
  'message.timestamp.before.max.ms': long(MAX_LONG_TEXT, 0),
  'message.timestamp.type': oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': { type: 'double', fallback: '0.5', min: 0, max: 1 },
  'min.compaction.lag.ms': long('0', 0),
  'min.insync.replicas': int('1', 1),
  preallocate: boolean('false'),
  'remote.log.copy.disable': boolean('false'),
  'remote.log.delete.on.disable': boolean('false'),
  'remote.storage.enable': boolean('false'),
  'retention.bytes': long('-1', -1),
  'retention.ms': long(WEEK_MS, -1),
  'segment.bytes': int('1073741824', 1024 * 1024),
  'segment.index.bytes': int('10485760', 4),
  'segment.jitter.ms': long('0', 0),
  'segment.ms': long(WEEK_MS, 1),
  'unclean.leader.election.enable': boolean('false'),
};
