import type { ErrorCode } from '../protocol/error-codes.js';
import type { JoinRequest, JoinResult, Protocol, Reply, SyncResult } from './messages.js';
import { refusedJoin, refusedSync } from './refusals.js';

const NOTHING = Buffer.alloc(0);

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
  readonly members: readonly Member[];
}
