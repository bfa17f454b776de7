import type { Group } from './group.js';
import { bytesOf } from './member.js';
import type { JoinRequest, SyncRequest } from './messages.js';

/**
 * Bytes that a join adds. What the member itself said before goes, also where a static one takes its
 * place; its assignment stays.
 */
export function growthByJoin(group: Group | undefined, request: JoinRequest): number {
  const { memberId, instanceId } = request;
  const id = memberId === '' ? group?.roster.idOfInstance(instanceId) : memberId;
  const member = id === undefined ? undefined : group?.roster.get(id);
  return bytesOf(request) - (member ? bytesOf(member) : 0);
}

/** Bytes of a leader's assignments beyond those that the group has. */
export function growthByAssignments({ roster }: Group, { assignments }: SyncRequest): number {
  const present = roster.all().reduce((sum, { assignment }) => sum + assignment.length, 0);
  return [...assignments.values()].reduce((sum, { length }) => sum + length, 0) - present;
}
