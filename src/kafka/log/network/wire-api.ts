import type { Writer } from '@platformatic/kafka';

/** One request of Kafka's protocol in one version, encoded and decoded by this folder's own code. */
export interface WireApi<Request, Answer> {
  readonly key: number;
  readonly version: number;
  /** Whether headers carry tagged fields (flexible versions). */
  readonly flexible: boolean;
  readonly write: (request: Request) => Writer;
  /** Reads the answer's bytes after its header. */
  readonly read: (bytes: Buffer) => Answer;
}
