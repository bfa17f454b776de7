import { ErrorCode } from '../protocol/error-codes.js';
import type { Member } from './member.js';
import type { JoinResult, SyncResult } from './messages.js';
import type { Roster } from './roster.js';

/** What of a group goes into its answers. */
export interface Generation {
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly roster: Roster;
}

/** A member is in; the leader gets everybody's metadata. */
export function joined(group: Generation, member: Member): JoinResult {
  const { generation, protocolType, protocol, roster } = group;
  const leads = roster.leaderId === member.id;
  return {
    error: ErrorCode.NONE,
    generation,
    protocolType,
    protocol,
    leader: roster.leaderId ?? '',
    memberId: member.id,
    skipAssignment: false,
    members: leads
      ? roster.all().map((each) => ({
          memberId: each.id,
          instanceId: each.instanceId,
          metadata: each.metadataFor(protocol),
        }))
      : [],
  };
}

/** A member's part of the assignment. */
export function synced({ protocolType, protocol }: Generation, member: Member): SyncResult {
  return { error: ErrorCode.NONE, protocolType, protocol, assignment: member.assignment };
}
