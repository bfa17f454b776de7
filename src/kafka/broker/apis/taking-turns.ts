import { setImmediate } from 'node:timers/promises';

/** Items of one request between two turns of the event loop: there may be very many. */
const ITEMS_TOGETHER = 500;

/**
 * To be awaited after each item of a request: now and then everybody else has a turn.
 * @param onTurn called before others have theirs
 */
export function takingTurns(
  onTurn: () => void = () => undefined,
): () => Promise<unknown> | undefined {
  let items = 0;
  return () => {
    items += 1;
    if (items % ITEMS_TOGETHER !== 0) return undefined;
    onTurn();
    return setImmediate();
  };
}
