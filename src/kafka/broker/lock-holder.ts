import { lstat, readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** A killed broker takes a moment to end: this long a holder is waited for. */
const ENDING_MS = 1_000;
const POLL_MS = 20;
/** A holder gives a sign of life so often, by the time of its lock. */
export const SIGN_MS = 1_000;
/** One that cannot be seen is waited for so long: its loop may be busy, its disk slow. */
const SILENT_MS = 6_000;

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** When that process started, where the system tells: pids are used again. */
  readonly startedAt: string | null;
  /**
   * Where its pid is that process: a boot and a namespace of pids, off Linux the host's name. Missing
   * where there was no room to tell; null in old locks.
   */
  readonly home?: string | null;
  /** No other lock has it. */
  readonly id?: string;
}

/** This process, as others are to find it. */
export async function thisProcess(): Promise<LockHolder> {
  const { pid } = process;
  return { pid, startedAt: await startOf(pid), home: await ownHome() };
}

/**
 * What a lock says: JSON, or `pid startedAt` where it had to be short. Undefined where it names
 * nobody: a power cut may leave the file empty.
 */
export function holderIn(content: string): LockHolder | undefined {
  const [, pid, startedAt] = /^(\d+) (.*)$/.exec(content) ?? [];
  if (pid !== undefined) return { pid: Number(pid), startedAt: startedAt || null };
  try {
    const holder = JSON.parse(content) as LockHolder | null;
    return holder !== null && Number.isInteger(holder.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process of another container, machine or boot holds the lock: its pid says nothing
 * here. Who is taken for one of elsewhere wrongly is only waited for longer.
 */
export async function livesElsewhere({ home }: LockHolder): Promise<boolean> {
  return home !== undefined && home !== (await ownHome());
}

/**
 * Whether the holder of a lock is gone; one that seems to live is given a moment to end. Where its
 * pid proves nothing, it lives while it gives signs.
 */
export async function hasEnded(holder: LockHolder, file: string): Promise<boolean> {
  if (await livesElsewhere(holder)) return await staysSilent(file);
  const deadline = performance.now() + ENDING_MS;
  while (await isAlive(holder)) {
    if (performance.now() > deadline) return isSure(holder) ? false : await staysSilent(file);
    await pause(POLL_MS);
  }
  return true;
}

/** Not where the pid may be another program's by now, or this process's own: of a thread that ended. */
const isSure = ({ pid, startedAt }: LockHolder): boolean =>
  startedAt !== null && pid !== process.pid;

async function staysSilent(file: string): Promise<boolean> {
  const before = await timeOf(file);
  const deadline = performance.now() + SILENT_MS;
  for (;;) {
    // Once more after the time is up: this process may have been paused meanwhile.
    const isLast = performance.now() > deadline;
    const now = await timeOf(file);
    if (now !== before) return now === undefined;
    if (isLast) return true;
    await pause(POLL_MS);
  }
}

/** Undefined where there is no lock any more. */
async function timeOf(file: string): Promise<number | undefined> {
  try {
    return (await lstat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isAlive({ pid, startedAt }: LockHolder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = await statOf(pid);
  if (stat !== undefined && ENDED_STATES.includes(stat.state)) return false;
  return startedAt === null || startedAt === (await startOf(pid));
}

/** Ended, but not collected by its parent: a zombie keeps its pid, without an init for ever. */
const ENDED_STATES: readonly string[] = ['Z', 'X'];

/** Start of a process in clock ticks since boot, with the boot's id; null off Linux. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await statOf(pid);
  return stat === undefined ? null : `${await bootId()}:${stat.startTicks}`;
}

async function ownHome(): Promise<string> {
  if ((await statOf(process.pid)) === undefined) return hostname();
  // A kernel without namespaces has one for all.
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${await bootId()}:${namespace}`;
}

async function bootId(): Promise<string> {
  // A sandbox may hide it.
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return id.trim();
}

/** What Linux tells of a process; undefined when it is gone, and elsewhere (proc(5)). */
async function statOf(
  pid: number,
): Promise<{ readonly state: string; readonly startTicks: string } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fieldsAfterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fieldsAfterName[0] ?? '', startTicks: fieldsAfterName[19] ?? '' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it ended between opening and reading.
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    return undefined;
  }
}
