import { join } from 'node:path';
import { crc32c } from '../records/crc32c.js';
import { type CompactionPass } from './compaction-plan.js';
import { type EpochStart } from './epoch-checkpoint.js';
import { type Files } from './files.js';
import { type LogState } from './log-state.js';
import { type AbortedTransaction } from './log-types.js';
import { type ProducerEntry } from './producer-state.js';
import { type SegmentFacts } from './segment-facts.js';
import { TransactionIndex } from './transaction-index.js';
import {
  NO_ENTRIES,
  TransactionIndexFile,
  type TransactionIndexMark,
} from './transaction-index-file.js';

/**
 * What a log was at one moment: everything before `endOffset` was sound (and on the disk, unless
 * fsync is `never`), so that opening walks only what came later. After a clean close nothing did.
 */
export interface Checkpoint {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly segments: readonly SegmentFacts[];
  readonly producers: readonly ProducerEntry[];
  readonly aborted: TransactionIndexMark;
  /** The aborted transactions themselves, where a checkpoint of version 2 had them. */
  readonly formerAborted?: readonly AbortedTransaction[] | undefined;
  readonly epochs: readonly EpochStart[];
  readonly compactions: readonly CompactionPass[];
  /** Before this offset compaction may have left gaps, finished or not. */
  readonly cleanedTo: number;
}

const FILE = 'checkpoint';
const VERSION = 3;

/** Replaces the checkpoint: a CRC-32C in hexadecimal, a line feed, JSON. */
export async function storeCheckpoint(
  files: Files,
  directory: string,
  checkpoint: Checkpoint,
  durable: boolean,
): Promise<void> {
  const body = Buffer.from(JSON.stringify({ version: VERSION, ...checkpoint }));
  const sum = Buffer.from(`${checksum(body)}\n`);
  const file = Buffer.concat([sum, body]);
  if (durable) await files.storeDurably(join(directory, FILE), file);
  else files.store(join(directory, FILE), file);
}

/**
 * Writes down what the log is now.
 * @param sync brings the log's files to the disk first; without it nothing is synced
 */
export async function writeCheckpoint(
  state: LogState,
  sync: (() => Promise<void>) | undefined,
): Promise<void> {
  const { history, transactionFile } = state;
  const checkpoint: Checkpoint = {
    startOffset: state.startOffset,
    endOffset: state.endOffset,
    segments: state.segments.all.map(({ facts }) => facts),
    producers: history.producers.snapshot(),
    aborted: transactionFile.store(history.aborted),
    epochs: state.epochs.starts,
    compactions: state.compactions,
    cleanedTo: state.cleanedTo,
  };
  // First: what a checkpoint vouches for, recovery does not learn from the batches.
  state.epochs.store();
  if (sync !== undefined) {
    await sync();
    await state.epochs.sync();
    await transactionFile.sync();
  }
  for (const segment of state.segments.all) {
    segment.storeIndexes();
    if (segment !== state.segments.active) segment.unloadIndexes();
  }
  await storeCheckpoint(state.runtime.files, state.directory, checkpoint, sync !== undefined);
  transactionFile.removeFormer();
}

/**
 * To be called before a log is cut at the offset: a checkpoint that speaks of more would be taken,
 * once the log has grown again, for one of other batches at the same positions.
 */
export async function withdrawCheckpoint(
  { runtime, directory }: Pick<LogState, 'runtime' | 'directory'>,
  offset: number,
  durable: boolean,
): Promise<void> {
  const stored = loadCheckpoint(runtime.files, directory);
  if (stored === undefined || stored.endOffset <= offset) return;
  const withdrawn: Checkpoint = {
    ...stored,
    endOffset: 0,
    segments: [],
    producers: [],
    aborted: NO_ENTRIES,
    formerAborted: undefined,
    epochs: [],
  };
  await storeCheckpoint(runtime.files, directory, withdrawn, durable);
}

/**
 * The same, where the log has turned out to end at the offset. A full disk keeps no log closed: then
 * the checkpoint is emptied, and tells no more where the log is to begin.
 */
export async function discardCheckpoint(
  log: Pick<LogState, 'runtime' | 'directory'>,
  offset: number,
): Promise<void> {
  try {
    await withdrawCheckpoint(log, offset, true);
  } catch {
    const { files } = log.runtime;
    const fd = files.open(join(log.directory, FILE), false);
    try {
      files.truncate(fd, 0);
    } finally {
      files.close(fd);
    }
  }
}

/** Whether a checkpoint was ever stored, sound or not. */
export function hasCheckpoint(files: Files, directory: string): boolean {
  return files.stat(join(directory, FILE)) !== undefined;
}

/** The stored checkpoint; undefined when there is none, or it is damaged or of another version. */
export function loadCheckpoint(files: Files, directory: string): Checkpoint | undefined {
  const file = files.load(join(directory, FILE));
  if (file === undefined || file.length < 9) return undefined;
  const body = file.subarray(9);
  if (file.toString('latin1', 0, 9) !== `${checksum(body)}\n`) return undefined;
  const parsed = JSON.parse(body.toString()) as { readonly version: number };
  if (parsed.version === VERSION) return parsed as unknown as Checkpoint;
  return parsed.version === 2 ? fromVersion2(parsed as unknown as CheckpointV2) : undefined;
}

type CheckpointV2 = Omit<Checkpoint, 'aborted'> & {
  readonly aborted: readonly AbortedTransaction[];
};

const fromVersion2 = ({ aborted, ...rest }: CheckpointV2): Checkpoint => ({
  ...rest,
  aborted: NO_ENTRIES,
  formerAborted: aborted,
});

/** The aborted transactions that a checkpoint speaks of; undefined when their file is damaged. */
export function loadAborted(
  files: Files,
  directory: string,
  { aborted, formerAborted, producers }: Checkpoint,
): TransactionIndex | undefined {
  if (formerAborted === undefined) return TransactionIndexFile.load(directory, files, aborted);
  const open = producers.map((entry) => entry.transactionStart).filter((start) => start >= 0);
  return TransactionIndex.of(formerAborted, open);
}

function checksum(body: Buffer): string {
  return crc32c(body).toString(16).padStart(8, '0');
}
