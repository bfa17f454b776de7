import { ErrorCode } from '../protocol/error-codes.js';
import { coordinatorErrorOf } from './error-code-of.js';

/**
 * The error code of something done in a transaction.
 * @param knowsFenced whether this version of the API knows PRODUCER_FENCED; older ones hear of the
 *   epoch instead
 */
export async function transactionErrorOf(
  knowsFenced: boolean,
  work: () => Promise<unknown>,
): Promise<number> {
  try {
    await work();
    return ErrorCode.NONE;
  } catch (error) {
    const code = coordinatorErrorOf(error);
    return code === ErrorCode.PRODUCER_FENCED && !knowsFenced
      ? ErrorCode.INVALID_PRODUCER_EPOCH
      : code;
  }
}
