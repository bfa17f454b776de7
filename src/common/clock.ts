/** Time as a dependency, so that rules about time are tested without waiting. */
export interface Clock {
  /** Wall-clock time: for what is shown or stored. */
  now(): Date;
  /** Milliseconds that never go back: for durations and deadlines inside the process. */
  monotonicMs(): number;
}

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** Nest injection token of the process's Clock. */
export const CLOCK = Symbol('Clock');
