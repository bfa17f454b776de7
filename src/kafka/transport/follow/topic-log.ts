import type { EventLog, OffsetAt, PartitionReader } from '../../log/event-log.js';

/** What the transport needs of the log: reading its own topics without a group. */
export interface TopicLog {
  read(options: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly maxRecords?: number;
  }): PartitionReader;
  /** One offset per partition. */
  offsets(topic: string, at: OffsetAt): Promise<ReadonlyMap<number, number>>;
}

/** The process's EventLog in this role. */
export const topicLogOf = (
  log: Pick<EventLog, 'read'> & {
    readonly admin: Pick<EventLog['admin'], 'offsets'>;
  },
): TopicLog => ({
  read: (options) => log.read(options),
  offsets: (topic, at) => log.admin.offsets(topic, at),
});
