import type { DataSource } from 'typeorm';
import type { LogSlice } from '../../log/event-log.js';
import { LogTopicGone } from '../../log/log.errors.js';
import type { TopicLog } from '../follow/topic-log.js';
import { readDeadLetter } from './dead-letter-headers.js';
import type { DeadLetter } from './dead-letter.js';
import { doneAmong } from './dead-letters-done.js';

/** A dead letter and its place in the module's dead-letter topic. */
export interface PlacedLetter {
  readonly offset: number;
  readonly letter: DeadLetter;
}

/** A module's dead letters that wait: those in the topic less those that are done. */
export class DeadLetterLog {
  constructor(
    private readonly topic: string,
    private readonly log: TopicLog,
    private readonly dataSource: DataSource,
  ) {}

  /** Dead letters in the order in which they were given up, from a place in the topic on. */
  async *waiting(fromOffset = 0): AsyncGenerator<PlacedLetter> {
    const end = await this.offsetAt('latest');
    const start = await this.offsetAt('earliest');
    const seen = new Set<string>();
    let offset = Math.max(start, fromOffset);
    const reader = this.log.read({ topic: this.topic, partition: 0, offset });
    try {
      while (offset < end) {
        const slice = await reader.next({ maxWaitMs: 1_000 });
        yield* await this.unfinished(slice, seen);
        if (slice.nextOffset === offset) return;
        offset = slice.nextOffset;
      }
    } finally {
      await reader.close();
    }
  }

  /** The topic is made with the first dead letter; without it there is none. */
  private async offsetAt(at: 'earliest' | 'latest'): Promise<number> {
    try {
      return (await this.log.offsets(this.topic, at)).get(0) ?? 0;
    } catch (error) {
      if (error instanceof LogTopicGone) return 0;
      throw error;
    }
  }

  private async unfinished(slice: LogSlice, seen: Set<string>): Promise<readonly PlacedLetter[]> {
    const placed = slice.records.flatMap((record) => {
      const letter = readDeadLetter(record);
      return letter === undefined ? [] : [{ offset: record.offset, letter }];
    });
    const done = await doneAmong(
      this.dataSource,
      placed.map(({ letter }) => letter.id),
    );
    return placed.filter(({ letter: { id } }) => {
      const wanted = !done.has(id) && !seen.has(id);
      seen.add(id);
      return wanted;
    });
  }
}
