import { join } from 'node:path';
import { type Files } from './files.js';
import { type EpochEnd } from './log-types.js';

/** An epoch and the first offset written in it. */
export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

const FILE = 'leader-epoch-checkpoint';

/**
 * Which leader epoch wrote which offsets; a text file as Kafka's, replaced before a new epoch's first
 * batch. A disk that does not take it stops nothing: it is written before the next checkpoint of the
 * log, and until then recovery learns from the batches.
 */
export class EpochCheckpoint {
  private entries: EpochStart[];
  private unstored = false;
  private unsynced = false;

  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {
    this.entries = parse(files.load(join(directory, FILE)));
  }

  /** Notes the epoch of a batch about to be written, or found by recovery; older ones are ignored. */
  assign(epoch: number, startOffset: number): void {
    const last = this.entries.at(-1);
    if (last !== undefined && epoch <= last.epoch) return;
    this.replace([
      ...this.entries.filter((e) => e.startOffset < startOffset),
      { epoch, startOffset },
    ]);
  }

  /** For the log's checkpoint, which keeps a copy. */
  get starts(): readonly EpochStart[] {
    return this.entries;
  }

  /** Takes the log checkpoint's copy when the own file is missing or damaged. */
  restore(starts: readonly EpochStart[]): void {
    if (this.entries.length === 0 && starts.length > 0) this.replace([...starts]);
  }

  /** Forgets epochs that begin at or after the end; the log was cut there. */
  truncateEnd(endOffset: number): void {
    const kept = this.entries.filter(({ startOffset }) => startOffset < endOffset);
    if (kept.length !== this.entries.length) this.replace(kept);
  }

  /** Forgets epochs that end before the log's start. */
  truncateStart(logStart: number): void {
    const first = this.entries.findLastIndex(({ startOffset }) => startOffset <= logStart);
    if (first < 0) return;
    const { epoch, startOffset } = this.entries[first]!;
    if (first === 0 && startOffset === logStart) return;
    this.replace([{ epoch, startOffset: logStart }, ...this.entries.slice(first + 1)]);
  }

  /**
   * Where the largest epoch not above the asked one ends (OffsetForLeaderEpoch).
   * @returns undefined when the asked epoch is newer than the current one
   */
  end(asked: number, current: number, endOffset: number): EpochEnd | undefined {
    if (asked > current || asked < 0) return undefined;
    if (asked === current) return { leaderEpoch: current, endOffset };
    const next = this.entries.find(({ epoch }) => epoch > asked);
    const own = this.entries.findLast(({ epoch }) => epoch <= asked);
    return { leaderEpoch: own?.epoch ?? asked, endOffset: next?.startOffset ?? endOffset };
  }

  /** Writes the file where it is out of date. @throws what the file system throws */
  store(): void {
    if (!this.unstored) return;
    const lines = this.entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}\n`);
    const text = `0\n${this.entries.length}\n${lines.join('')}`;
    this.files.store(join(this.directory, FILE), Buffer.from(text));
    this.unstored = false;
    this.unsynced = true;
  }

  /** Brings the file to the disk; what a power cut takes before is learnt from the batches again. */
  async sync(): Promise<void> {
    if (!this.unsynced) return;
    // Before: what is stored meanwhile is to be synced again.
    this.unsynced = false;
    try {
      await this.files.syncPath(join(this.directory, FILE));
    } catch (error) {
      this.unsynced = true;
      throw error;
    }
  }

  private replace(entries: EpochStart[]): void {
    this.entries = entries;
    this.unstored = true;
    try {
      this.store();
    } catch {
      // Still marked as not stored: the log's next checkpoint waits for it.
    }
  }
}

/** A damaged file counts as empty: epochs are then restored, or learnt from the batches. */
function parse(file: Buffer | undefined): EpochStart[] {
  const lines = (file?.toString('latin1') ?? '').split('\n');
  const count = Number(lines[1]);
  if (lines[0] !== '0' || !(count >= 0)) return [];
  const entries = lines.slice(2, 2 + count).map((line): EpochStart => {
    const [epoch, startOffset] = line.split(' ');
    return { epoch: Number(epoch), startOffset: Number(startOffset) };
  });
  const sound = entries.every((e) => Number.isInteger(e.epoch) && Number.isInteger(e.startOffset));
  return sound && entries.length === count ? entries : [];
}
