/** What a process does when it is asked, or forced, to end. */
export interface ShutdownPlan {
  /** Ends everything in order. */
  drain(reason: string): Promise<void>;
  /** Says why the process ends without having drained. */
  onForced(reason: string): void;
}

/** Longer than any request takes, shorter than the 30 s after which orchestrators kill. */
const DRAIN_LIMIT_MS = 25_000;
/** npm passes a terminal's Ctrl-C on to its child, which had it already: one press, two signals. */
const SAME_PRESS_MS = 1_000;

/**
 * Drains and exits with 0 on SIGTERM, SIGINT, or when the parent that forked this process is gone.
 * A second signal, or a drain that takes longer than 25 s, ends the process with 1 at once.
 */
export function drainOnSignals(plan: ShutdownPlan): void {
  let drainingSince: number | undefined;
  const force = (reason: string): void => {
    plan.onForced(reason);
    process.exit(1);
  };
  const begin = (reason: string): void => {
    drainingSince = performance.now();
    setTimeout(() => force('draining took too long'), DRAIN_LIMIT_MS).unref();
    plan.drain(reason).then(
      () => process.exit(0),
      (error: unknown) => force(`draining failed: ${String(error)}`),
    );
  };
  const onSignal = (reason: string): void => {
    if (drainingSince === undefined) begin(reason);
    else if (performance.now() - drainingSince > SAME_PRESS_MS) force(`a second ${reason}`);
  };
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  process.on('SIGINT', () => onSignal('SIGINT'));
  process.once('disconnect', () => onSignal('the end of the parent process'));
}

/** Logs what nobody caught and ends the process with 1: its state is no longer known. */
export function endOnUncaughtErrors(onError: (error: unknown, origin: string) => void): void {
  const end = (origin: string) => (error: unknown) => {
    onError(error, origin);
    process.exit(1);
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
}
