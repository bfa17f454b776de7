import { join } from 'node:path';
import { crc32c } from '../records/crc32c.js';
import { type CompactionPass } from './compaction-plan.js';
import { type EpochStart } from './epoch-checkpoint.js';
import { type Files } from './files.js';
import { type AbortedTransaction } from './log-types.js';
import { type ProducerEntry } from './producer-state.js';
import { type SegmentFacts } from './segment-facts.js';

/**
 * What a log was at one moment: everything before `endOffset` was sound (and on the disk, unless
 * fsync is `never`), so that opening walks only what came later. After a clean close nothing did.
 */
export interface Checkpoint {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly segments: readonly SegmentFacts[];
  readonly producers: readonly ProducerEntry[];
  readonly aborted: readonly AbortedTransaction[];
  readonly epochs: readonly EpochStart[];
  readonly compactions: readonly CompactionPass[];
}

const FILE = 'checkpoint';
const VERSION = 1;

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

/** The stored checkpoint; undefined when there is none, or it is damaged or of another version. */
export function loadCheckpoint(files: Files, directory: string): Checkpoint | undefined {
  const file = files.load(join(directory, FILE));
  if (file === undefined || file.length < 9) return undefined;
  const body = file.subarray(9);
  if (file.toString('latin1', 0, 9) !== `${checksum(body)}\n`) return undefined;
  const parsed = JSON.parse(body.toString()) as Checkpoint & { version: number };
  return parsed.version === VERSION ? parsed : undefined;
}

function checksum(body: Buffer): string {
  return crc32c(body).toString(16).padStart(8, '0');
}
