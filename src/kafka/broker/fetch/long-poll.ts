import { AppendWaiter } from './append-waiter.js';
import { ReadBudget } from './read-budget.js';
import {
  bytesToRead,
  isCut,
  readPartitions,
  type PartitionRead,
  type PartitionToRead,
} from './read-partitions.js';

/** Of all brokers of the process: two of the largest fetches at a time, or many of the usual ones. */
const reading = new ReadBudget(134_217_728);
/**
 * Partitions that all waiting fetches of the process listen to, each some hundred bytes. A fetch of
 * many beyond it hears of nothing: it looks again when its time is up.
 */
const MAX_LISTENED = 500_000;
/** Partitions of a fetch that always listens: the many of others are no reason to be late. */
const FEW = 100;
let listened = 0;

/** How long a fetch waits, and for how much. */
export interface LongPoll {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** Not negative; more than this is not waited for. */
  readonly maxBytes: number;
  /** READ_COMMITTED: nothing of open or aborted transactions. */
  readonly committedOnly: boolean;
  /** Ends the wait when the client is gone. */
  readonly closed: AbortSignal;
}

/**
 * Reads now; where less than `minBytes` is there and nothing is wrong, waits for appends and reads
 * again, at the latest after `maxWaitMs`.
 * @throws the reason of `closed`
 */
export async function readWithLongPoll(
  partitions: readonly PartitionToRead[],
  poll: LongPoll,
): Promise<readonly PartitionRead[]> {
  const deadline = performance.now() + poll.maxWaitMs;
  for (;;) {
    const { length } = partitions;
    const listening = length <= FEW || listened + length <= MAX_LISTENED ? partitions : [];
    listened += listening.length;
    // Listening starts before the read: what is appended while it runs must not be missed.
    const waiter = new AppendWaiter(listening, poll.committedOnly, poll.closed);
    try {
      const answer = await readOnce(partitions, poll, deadline);
      if (typeof answer !== 'number') return answer;
      await waiter.wait(answer, deadline - performance.now());
    } finally {
      waiter.stop();
      listened -= listening.length;
    }
  }
}

/** What is to be answered, or for how many bytes more to wait: nothing of the read is kept then. */
async function readOnce(
  partitions: readonly PartitionToRead[],
  poll: LongPoll,
  deadline: number,
): Promise<readonly PartitionRead[] | number> {
  const { maxBytes, committedOnly, closed } = poll;
  const reads = await reading.run(
    () => bytesToRead(partitions, poll),
    closed,
    () => readPartitions(partitions, maxBytes, committedOnly),
  );
  const bytes = reads.reduce((sum, { records }) => sum + records.length, 0);
  const wanted = Math.min(poll.minBytes, maxBytes);
  const mustAnswer =
    bytes >= wanted ||
    deadline <= performance.now() ||
    partitions.length === 0 ||
    reads.some(({ error, divergingEpoch }) => error !== 0 || divergingEpoch) ||
    // To wait would not make it more.
    (bytes > 0 && reads.some((read, index) => isCut(partitions[index]!, read, committedOnly)));
  return mustAnswer ? reads : wanted - bytes;
}
