import type { KeyValueLog } from '../storage/key-value-log.js';
import type { Group } from './group.js';
import { Member } from './member.js';

const KIND = 'group';

interface KeptMember {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Metadata in base64. */
  readonly protocols: readonly { readonly name: string; readonly metadata: string }[];
  readonly assignment: string;
}

interface KeptGroup {
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leaderId: string | null;
  readonly members: readonly KeptMember[];
}

/** Groups as they were at their last complete generation, so that members survive a restart. */
export class KeptGroups {
  constructor(private readonly log: KeyValueLog) {}

  save(group: Group): Promise<void> {
    const kept: KeptGroup = {
      generation: group.generation,
      protocolType: group.protocolType,
      protocol: group.protocol,
      leaderId: group.roster.leaderId,
      members: group.roster.all().map(keep),
    };
    return this.log.write([[keyOf(group.id), Buffer.from(JSON.stringify(kept))]]);
  }

  remove(groupId: string): Promise<void> {
    return this.log.write([[keyOf(groupId), null]]);
  }

  /** Fills groups with what was kept; `make` gives the empty group to fill. */
  restoreAll(make: (id: string) => Group): void {
    for (const [key, value] of this.log.entries()) {
      const [kind, id] = JSON.parse(key) as [string, string];
      if (kind !== KIND) continue;
      const kept = JSON.parse(value.toString()) as KeptGroup;
      make(id).restore({ ...kept, members: kept.members.map(revive) });
    }
  }
}

function keyOf(groupId: string): string {
  return JSON.stringify([KIND, groupId]);
}

function keep(member: Member): KeptMember {
  return {
    id: member.id,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    sessionTimeoutMs: member.sessionTimeoutMs,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    protocols: member.protocols.map(({ name, metadata }) => ({
      name,
      metadata: metadata.toString('base64'),
    })),
    assignment: member.assignment.toString('base64'),
  };
}

function revive(kept: KeptMember): Member {
  const member = new Member(kept.id, {
    ...kept,
    memberId: kept.id,
    protocolType: '',
    requireKnownMemberId: false,
    protocols: kept.protocols.map(({ name, metadata }) => ({
      name,
      metadata: Buffer.from(metadata, 'base64'),
    })),
  });
  member.assignment = Buffer.from(kept.assignment, 'base64');
  return member;
}
