/**
 * kafkajs 2.2.4 arms a timer with a negative delay after each answer. Node takes that as 1 ms, as
 * it always did, but since version 24 warns of it once on the terminal of whoever starts Millrace.
 */
const NEGATIVE_DELAY = 'TimeoutNegativeWarning';

const nameOf = (options: unknown): unknown =>
  typeof options === 'object' && options !== null && 'type' in options ? options.type : options;

/** Keeps Node's warnings of kafkajs's timers to itself; all other warnings are passed on. */
export function dropTimerWarnings(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((warning: string | Error, ...options: unknown[]) => {
    const isDropped = nameOf(options[0]) === NEGATIVE_DELAY;
    if (!isDropped) emitWarning(warning, ...options);
  }) as typeof process.emitWarning;
}
