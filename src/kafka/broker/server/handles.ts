import { readFileSync } from 'node:fs';

/** Of the process's handles, for the files of the logs and whatever else is open. */
const KEPT_FOR_FILES = 1_000;

/** How many connections leave the process enough handles for its files, as far as it can tell. */
export function affordableConnections(): number {
  return connectionsWithin(maxHandles());
}

/** @param handles all that the process may open */
export function connectionsWithin(handles: number): number {
  return Math.max(handles - KEPT_FOR_FILES, Math.floor(handles / 2));
}

/** The soft limit (proc(5)); infinite where there is none, or the system does not tell. */
function maxHandles(): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
