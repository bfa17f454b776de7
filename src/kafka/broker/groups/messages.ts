import type { ErrorCode } from '../protocol/error-codes.js';

/** An assignment strategy that a member can follow, with its subscription, opaque to the broker. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  /** Empty at a member's first join. */
  readonly memberId: string;
  /** Names a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** KIP-394: a member must come back with the id that it was given. */
  readonly requireKnownMemberId: boolean;
  /** KIP-814: it can be told that it leads and that there is nothing to assign. */
  readonly canSkipAssignment: boolean;
}

export interface JoinedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly metadata: Buffer;
}

export interface JoinResult {
  readonly error: ErrorCode;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly memberId: string;
  /** KIP-814: a static leader that came back must not compute a new assignment. */
  readonly skipAssignment: boolean;
  /** Filled for the leader only. */
  readonly members: readonly JoinedMember[];
}

/** Who sends a request on behalf of a generation of the group. */
export interface Membership {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

export interface SyncRequest extends Membership {
  /** Null in versions that do not tell. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignments: ReadonlyMap<string, Buffer>;
}

export interface SyncResult {
  readonly error: ErrorCode;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Buffer;
}

/** Called once, now or when the group is complete. */
export type Reply<T> = (result: T) => void;
