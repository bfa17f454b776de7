import { newUid } from '../../../common/ids.js';
import type { EventContract, StateContract } from '../../contracts/contract.js';
import { OutboxRecordTooLarge } from '../transport.errors.js';
import { assertFits } from '../wire/contract-schemas.js';
import { headerNames } from '../wire/header-names.js';
import type { MessageSigner } from '../wire/message-signer.js';
import type { TopicNames } from '../wire/topic-names.js';

/** A Kafka record that waits in the outbox. `value` null is a tombstone. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Bound of key and value together; below Kafka's default limit of 1,048,588 bytes a batch. */
export const MAX_RECORD_BYTES = 900_000;

function bounded(message: OutgoingMessage): OutgoingMessage {
  const bytes = Buffer.byteLength(message.key) + Buffer.byteLength(message.value ?? '');
  if (bytes > MAX_RECORD_BYTES) {
    throw new OutboxRecordTooLarge(
      `A message of ${bytes} bytes is larger than the ${MAX_RECORD_BYTES} that one record may have.`,
      { topic: message.topic, bytes, maxBytes: MAX_RECORD_BYTES },
    );
  }
  return message;
}

/** What of a state record is signed. */
export const signedStateParts = (
  contract: { readonly name: string },
  uid: string,
  version: number,
  value: string | null,
) => ['state', contract.name, uid, version, value] as const;

/** Makes the records of state topics and domain events. */
export class OutgoingMessages {
  constructor(
    private readonly names: TopicNames,
    private readonly signer: MessageSigner,
  ) {}

  /**
   * An entity's full state, or its tombstone.
   * @throws ContractViolated, OutboxRecordTooLarge
   */
  state<State>(
    contract: StateContract<State>,
    uid: string,
    version: number,
    state: State | null,
  ): OutgoingMessage {
    if (state !== null) assertFits(contract.name, contract.schema, state);
    const value = state === null ? null : JSON.stringify({ uid, version, state });
    const headers: Record<string, string> = { [headerNames.version]: String(version) };
    if (contract.authenticated) {
      const parts = signedStateParts(contract, uid, version, value);
      headers[headerNames.signature] = this.signer.sign(parts);
    }
    return bounded({ topic: this.names.of(contract), key: uid, value, headers });
  }

  /**
   * A domain event under a new message id.
   * @throws ContractViolated, OutboxRecordTooLarge
   */
  event<Payload>(contract: EventContract<Payload>, key: string, payload: Payload): OutgoingMessage {
    assertFits(contract.name, contract.schema, payload);
    return bounded({
      topic: this.names.of(contract),
      key,
      value: JSON.stringify(payload),
      headers: { [headerNames.messageId]: newUid() },
    });
  }
}
