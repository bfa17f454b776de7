import type { ErrorCode } from '../protocol/error-codes.js';
import { OBJECT_BYTES } from './group-memory.js';
import type { JoinRequest, JoinResult, Protocol, Reply, SyncResult } from './messages.js';
import { refusedJoin, refusedSync } from './refusals.js';

const NOTHING = Buffer.alloc(0);
/** What a protocol takes besides its name and metadata. */
const PROTOCOL_BYTES = 200;

/** Memory that a member takes which says this of itself, about; ids are ASCII mostly. */
export function bytesOf({
  instanceId,
  clientId,
  protocols,
}: Pick<JoinRequest, 'instanceId' | 'clientId' | 'protocols'>): number {
  return protocols.reduce(
    (sum, { name, metadata }) => sum + PROTOCOL_BYTES + name.length + metadata.length,
    OBJECT_BYTES + (instanceId?.length ?? 0) + clientId.length,
  );
}

/** One member of a group and what it waits for. */
export class Member {
  instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer = NOTHING;
  /** Set while a join of this member waits for the others. */
  awaitingJoin: Reply<JoinResult> | undefined;
  /** Set while a sync of this member waits for the leader's assignment. */
  awaitingSync: Reply<SyncResult> | undefined;
  /** Cancels the running session timer. */
  cancelSession: () => void = () => undefined;

  constructor(
    readonly id: string,
    request: JoinRequest,
  ) {
    this.instanceId = request.instanceId;
    this.clientId = request.clientId;
    this.clientHost = request.clientHost;
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    this.protocols = request.protocols;
  }

  /** Memory that it takes, about. */
  get bytes(): number {
    return bytesOf(this) + this.id.length + this.assignment.length;
  }

  get isStatic(): boolean {
    return this.instanceId !== null;
  }

  /** Takes over what a repeated join says. */
  update(request: JoinRequest): void {
    this.protocols = request.protocols;
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    this.clientId = request.clientId;
    this.clientHost = request.clientHost;
  }

  /** Answers whatever it waits for with an error. */
  refuse(error: ErrorCode): void {
    this.awaitingJoin?.(refusedJoin(error, this.id));
    this.awaitingSync?.(refusedSync(error));
    this.awaitingJoin = undefined;
    this.awaitingSync = undefined;
  }

  metadataFor(protocol: string | null): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NOTHING;
  }

  /** Whether the protocols are the same ones, in order, with the same metadata. */
  offersSame(protocols: readonly Protocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, i) => {
        const own = this.protocols[i];
        return own !== undefined && own.name === name && own.metadata.equals(metadata);
      })
    );
  }
}

/** A generation as it was kept over a restart. */
export interface KeptGeneration {
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leaderId: string | null;
  readonly stateSince?: number;
  readonly members: readonly Member[];
}
