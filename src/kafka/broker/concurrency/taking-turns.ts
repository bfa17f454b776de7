import { setImmediate } from 'node:timers/promises';

/** Cheap items between two turns of the event loop: there may be very many in one request. */
export const ITEMS_TOGETHER = 500;

/**
 * To be called before each item, and awaited where it gives something: now and then everybody else
 * has a turn.
 */
export function takingTurns(itemsTogether = ITEMS_TOGETHER): () => Promise<unknown> | undefined {
  let items = 0;
  return () => {
    const isTime = items > 0 && items % itemsTogether === 0;
    items += 1;
    return isTime ? setImmediate() : undefined;
  };
}
