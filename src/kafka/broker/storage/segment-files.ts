import { join } from 'node:path';

/** What a file of a partition's directory is, by its name. */
export type SegmentFile =
  | { readonly kind: 'log' | 'index' | 'timeindex'; readonly baseOffset: number }
  | { readonly kind: 'swap'; readonly baseOffset: number; readonly endOffset: number }
  | { readonly kind: 'leftover' }
  | { readonly kind: 'other' };

/** `00000000000000000042.log`, as Kafka names it. */
export function segmentPath(
  directory: string,
  baseOffset: number,
  kind: 'log' | 'index' | 'timeindex' | 'cleaned',
): string {
  return join(directory, `${pad(baseOffset)}.${kind}`);
}

/** A finished compaction that waits to replace the segments with base offsets in [base, end). */
export function swapPath(directory: string, baseOffset: number, endOffset: number): string {
  return join(directory, `${pad(baseOffset)}-${pad(endOffset)}.swap`);
}

/** Reads a file's name. */
export function parseFileName(name: string): SegmentFile {
  const segment = /^(\d{20})\.(log|index|timeindex)$/.exec(name);
  if (segment !== null) {
    const kind = segment[2] as 'log' | 'index' | 'timeindex';
    return { kind, baseOffset: Number(segment[1]) };
  }
  const swap = /^(\d{20})-(\d{20})\.swap$/.exec(name);
  if (swap !== null) {
    return { kind: 'swap', baseOffset: Number(swap[1]), endOffset: Number(swap[2]) };
  }
  return { kind: /\.(cleaned|tmp)$/.test(name) ? 'leftover' : 'other' };
}

function pad(offset: number): string {
  return String(offset).padStart(20, '0');
}
