import { ErrorCode } from '../protocol/error-codes.js';
import type { GroupState } from './group-state.js';
import type { Member } from './member.js';
import type { JoinRequest, Membership, SyncRequest } from './messages.js';
import type { Generation } from './replies.js';

/** What of a group decides who may do something in it. */
export interface GroupView extends Generation {
  readonly state: GroupState;
}

/** Whether a join fits the group, whoever asks. */
export function joinError(group: GroupView, request: JoinRequest): ErrorCode {
  if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  if (request.protocolType === '' || request.protocols.length === 0) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }
  if (group.state === 'Empty') return ErrorCode.NONE;
  const fits =
    request.protocolType === group.protocolType && group.roster.supports(request.protocols);
  return fits ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
}

/** Whether somebody is a member, and not the former self of a static one. */
export function memberError(
  { roster }: GroupView,
  member: Omit<Membership, 'generation'>,
): ErrorCode {
  const current = roster.idOfInstance(member.instanceId);
  if (member.instanceId !== null && current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  if (current !== undefined && current !== member.memberId) return ErrorCode.FENCED_INSTANCE_ID;
  return roster.has(member.memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
}

/** Whether somebody is a member of the present generation. */
export function generationError(group: GroupView, membership: Membership): ErrorCode {
  if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const error = memberError(group, membership);
  if (error !== ErrorCode.NONE) return error;
  return membership.generation === group.generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
}

/** Whether a member may bring or fetch assignments now. */
export function syncError(group: GroupView, request: SyncRequest): ErrorCode {
  const error = generationError(group, request);
  if (error !== ErrorCode.NONE) return error;
  const typeDiffers = request.protocolType !== null && request.protocolType !== group.protocolType;
  const nameDiffers = request.protocol !== null && request.protocol !== group.protocol;
  if (typeDiffers || nameDiffers) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/**
 * Who may commit offsets: a member of this generation, or anyone while the group is empty. In a
 * transaction also who says nothing of a membership, and while the generation completes.
 */
export function commitError(
  group: GroupView,
  membership: Membership,
  inTransaction: boolean,
): ErrorCode {
  if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE;
  const { generation, memberId, instanceId } = membership;
  if (group.state === 'Empty' && generation < 0) return ErrorCode.NONE;
  if (generation < 0 && memberId === '' && instanceId === null) {
    return inTransaction ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }
  const error = generationError(group, membership);
  if (error !== ErrorCode.NONE || inTransaction) return error;
  return group.state === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** Whether a member that joins again begins another generation, or is only told the present one. */
export function needsRebalance(group: GroupView, member: Member, request: JoinRequest): boolean {
  switch (group.state) {
    case 'CompletingRebalance':
      return !member.offersSame(request.protocols);
    case 'Stable':
      return group.roster.leaderId === member.id || !member.offersSame(request.protocols);
    default:
      return true;
  }
}
