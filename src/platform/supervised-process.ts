import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Where the platform says what it does; Nest's Logger fits. */
export interface PlatformLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A kind of process that can be started again and again. */
export interface ProcessPlan {
  /** For the log: `Postgres`. */
  readonly name: string;
  /**
   * Starts one and resolves when it is ready; rejects when it ended before, and leaves none behind.
   * The first call and all later ones must give the same address.
   */
  start(signal: AbortSignal): Promise<ChildProcess>;
  /** Ends one cleanly; resolves when it is gone. */
  stop(child: ChildProcess): Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Who ran this long is not in a crash loop. */
const STEADY_AFTER_MS = 10_000;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Whether a child process has ended. */
export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** Resolves when a child process has ended. */
export const ended = (child: ChildProcess): Promise<void> =>
  hasEnded(child)
    ? Promise.resolve()
    : new Promise((resolve) => {
        child.once('exit', () => resolve());
      });

/** Keeps one process running: whenever it ends unasked it is started again, with back-off. */
export class SupervisedProcess {
  private readonly stopping = new AbortController();
  private child: ChildProcess | undefined;
  private startedAt = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly plan: ProcessPlan,
    private readonly log: PlatformLog,
  ) {}

  /** The running process's id; undefined between two of them. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the first one; its failure is the caller's. */
  async start(): Promise<void> {
    await this.startOne();
    this.watching = this.watch();
  }

  /** Ends it for good; resolves when it is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    if (this.child !== undefined && !hasEnded(this.child)) await this.plan.stop(this.child);
    this.child = undefined;
  }

  /** Sends a signal if it runs; for the last moment of this process, when nothing can be awaited. */
  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  private async startOne(): Promise<void> {
    this.child = await this.plan.start(this.stopping.signal);
    this.startedAt = performance.now();
  }

  private async watch(): Promise<void> {
    while (await this.endedUnasked()) {
      const how = this.child?.signalCode ?? `code ${this.child?.exitCode ?? 'unknown'}`;
      this.log.warn(`${this.plan.name} ended unexpectedly (${how}); starting it again`);
      this.child = undefined;
      await this.startAgain();
    }
  }

  private async endedUnasked(): Promise<boolean> {
    const { child } = this;
    if (child === undefined || this.stopping.signal.aborted) return false;
    await new Promise<void>((resolve) => {
      this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
      void ended(child).then(resolve);
    });
    return !this.stopping.signal.aborted;
  }

  private async startAgain(): Promise<void> {
    const { signal } = this.stopping;
    if (performance.now() - this.startedAt > STEADY_AFTER_MS) this.pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      await pause(this.pauseMs, undefined, { signal }).catch(() => undefined);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
      if (signal.aborted) return;
      const failure = await this.startOne().then(
        () => undefined,
        (error: unknown) => messageOf(error),
      );
      if (failure === undefined) {
        this.log.log(`${this.plan.name} is back`);
        return;
      }
      if (!signal.aborted) this.log.error(`${this.plan.name} does not start: ${failure}`);
    }
  }
}
