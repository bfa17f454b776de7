import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { StartRefused } from '../config/start-refused.js';
import { ended } from './supervised-process.js';

/** How a forked program announces itself. */
export interface Announcement<T> {
  /** For messages: `The broker`. */
  readonly name: string;
  readonly timeoutMs: number;
  /** What an IPC message says; undefined when it is another one. */
  read(message: unknown): T | undefined;
  /** What the program said last, when it ended instead. */
  lastWords(): Promise<string>;
}

/**
 * The first IPC message by which a forked program says that it is ready.
 * @throws StartRefused when it ends before, or takes too long; it may still run then
 */
export async function readyMessage<T>(
  child: ChildProcess,
  announcement: Announcement<T>,
): Promise<T> {
  const done = new AbortController();
  const { name, timeoutMs } = announcement;
  const said = new Promise<T>((resolve, reject) => {
    child.on('message', (message) => {
      const content = announcement.read(message);
      if (content !== undefined) resolve(content);
    });
    // All of them: one that nobody hears, such as of a signal that failed, would end this process.
    child.on('error', reject);
    void ended(child)
      .then(() => announcement.lastWords())
      .then((words) => reject(new StartRefused(`${name} ended at its start. ${words}`)));
  });
  const late = pause(timeoutMs, undefined, { signal: done.signal, ref: false }).then(() => {
    throw new StartRefused(`${name} was not ready within ${timeoutMs / 1_000} s.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([said, late]);
  } finally {
    said.catch(() => undefined);
    done.abort();
  }
}
