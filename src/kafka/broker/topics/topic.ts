import type { LogConfig } from '../storage/log-config.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { ConfigValues } from './config-values.js';
import { logConfigOf } from './log-config-of.js';

/** What is kept of a topic in its `topic.json`. */
export interface TopicRecord {
  readonly name: string;
  /** 32 hexadecimal digits; a topic that is deleted and made again has another one. */
  readonly id: string;
  readonly partitions: number;
  readonly configs: ConfigValues;
}

/** A topic and the open logs of its partitions. */
export class Topic {
  readonly name: string;
  readonly id: string;
  private readonly logs: PartitionLog[] = [];
  private setConfigs: ConfigValues;
  private effective: LogConfig;

  constructor(
    record: TopicRecord,
    private readonly defaults: ConfigValues,
  ) {
    this.name = record.name;
    this.id = record.id;
    this.setConfigs = record.configs;
    this.effective = logConfigOf(record.configs, defaults);
  }

  /** The logs of its partitions, by number. */
  get partitions(): readonly PartitionLog[] {
    return this.logs;
  }

  /** The configurations that were set on it. */
  get configs(): ConfigValues {
    return this.setConfigs;
  }

  get logConfig(): LogConfig {
    return this.effective;
  }

  addPartition(log: PartitionLog): void {
    this.logs.push(log);
  }

  /** Takes effect with the next use of each log. */
  configure(configs: ConfigValues): void {
    this.setConfigs = configs;
    this.effective = logConfigOf(configs, this.defaults);
  }

  toRecord(): TopicRecord {
    const { name, id, logs, setConfigs } = this;
    return { name, id, partitions: logs.length, configs: setConfigs };
  }
}
