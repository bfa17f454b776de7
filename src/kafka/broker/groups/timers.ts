/** Time as the coordinator sees it; tests turn the clock by hand. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after so many milliseconds; returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, 0x7fffffff));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
