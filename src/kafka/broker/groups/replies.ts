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

/** A static member took its place again: one that leads must not assign anew (KIP-814). */
export function cameBack(group: Generation, member: Member): JoinResult {
  return { ...joined(group, member), skipAssignment: group.roster.leaderId === member.id };
}

/** The same for one that would assign anew if it heard that it leads: its former self is said to. */
export function follows(group: Generation, member: Member, leaderId: string | null): JoinResult {
  return { ...joined(group, member), leader: leaderId ?? '', members: [] };
}

/** A member's part of the assignment. */
export function synced({ protocolType, protocol }: Generation, member: Member): SyncResult {
  return { error: ErrorCode.NONE, protocolType, protocol, assignment: member.assignment };
}
