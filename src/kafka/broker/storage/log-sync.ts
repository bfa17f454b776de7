import { type LogState } from './log-state.js';
import { type Segment } from './segment.js';
import { Serial } from '../concurrency/serial.js';

/** Which of a log's files the disk may not have, and how they get there: one sync at a time. */
export class LogSync {
  private readonly serial = new Serial();
  private files = new Set<Segment>();
  private directory = true;

  constructor(private readonly state: LogState) {}

  /** The segment's file was changed. */
  wrote(segment: Segment): void {
    this.files.add(segment);
  }

  /** A segment was made, or another took its place. */
  changedDirectory(): void {
    this.directory = true;
  }

  /**
   * Resolves when everything written before the call is on the disk.
   * @throws what the file system throws; the files stay to be synced
   */
  run(): Promise<void> {
    return this.serial.run(() => this.sync());
  }

  private async sync(): Promise<void> {
    // Taken before the first wait: what is written or made meanwhile is the next run's.
    const { files, directory } = this;
    this.files = new Set();
    this.directory = false;
    try {
      for (const segment of files) {
        if (this.state.segments.all.includes(segment)) await segment.sync();
      }
      if (directory) await this.state.runtime.files.syncPath(this.state.directory);
    } catch (error) {
      for (const segment of files) this.files.add(segment);
      this.directory ||= directory;
      throw error;
    }
  }
}
