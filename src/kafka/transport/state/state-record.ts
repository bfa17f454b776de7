import type { StateContract } from '../../contracts/contract.js';
import { signedStateParts } from '../outbox/outgoing-messages.js';
import { ContractViolated, MessageNotAuthentic } from '../transport.errors.js';
import { assertFits, parseValue } from '../wire/contract-schemas.js';
import { headerNames } from '../wire/header-names.js';
import type { MessageSigner } from '../wire/message-signer.js';

/** A record of a state topic as it came from Kafka. */
export interface RawStateRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a state record says; state null: deleted. */
export interface StateChange<State> {
  readonly uid: string;
  readonly version: number;
  readonly state: State | null;
}

function versionOf(text: string | undefined): number {
  const version = Number(text);
  if (text === undefined || !Number.isSafeInteger(version) || version < 1) {
    throw new ContractViolated(`A state record has no valid version.`);
  }
  return version;
}

function assertAuthentic(
  contract: StateContract<unknown>,
  record: RawStateRecord,
  change: StateChange<unknown>,
  signer: MessageSigner,
): void {
  if (!contract.authenticated) return;
  const text = record.value?.toString('utf8') ?? null;
  const parts = signedStateParts(contract, change.uid, change.version, text);
  if (!signer.isValid(parts, record.headers[headerNames.signature])) {
    throw new MessageNotAuthentic(
      `A record of ${contract.name} is not signed by this installation.`,
    );
  }
}

function readChange<State>(
  contract: StateContract<State>,
  record: RawStateRecord,
): StateChange<State> {
  const uid = record.key?.toString('utf8');
  if (uid === undefined) throw new ContractViolated(`A record of ${contract.name} has no key.`);
  const version = versionOf(record.headers[headerNames.version]);
  if (record.value === null) return { uid, version, state: null };
  const envelope = parseValue(contract.name, record.value) as Partial<StateChange<State>> | null;
  if (envelope?.uid !== uid || envelope.version !== version || !envelope.state) {
    throw new ContractViolated(`A record of ${contract.name} contradicts its key or version.`);
  }
  assertFits(contract.name, contract.schema, envelope.state);
  return { uid, version, state: envelope.state };
}

/**
 * Reads a record of a state topic.
 * @throws ContractViolated when it is no record of this contract
 * @throws MessageNotAuthentic when the contract is authenticated and the signature is wrong
 */
export function readStateRecord<State>(
  contract: StateContract<State>,
  record: RawStateRecord,
  signer: MessageSigner,
): StateChange<State> {
  const change = readChange(contract, record);
  assertAuthentic(contract, record, change, signer);
  return change;
}
