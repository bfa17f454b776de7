import type { Change, KeyValueLog } from '../storage/key-value-log.js';
import type { Group } from './group.js';
import { Member } from './member.js';
import { ownCopy } from './own-copy.js';

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
  /** Undefined: kept by a version that did not note it. */
  readonly stateSince?: number;
  readonly members: readonly KeptMember[];
}

/** Groups as they were at their last complete generation, so that members survive a restart. */
export class KeptGroups {
  /** Groups whose last change is on its way to the log. */
  private readonly saves = new Map<string, Promise<void>>();
  /** Groups whose last change the log did not take. */
  private readonly unkept = new Set<string>();

  /** @param onFailure told when the state of a group could not be kept */
  constructor(
    private readonly log: KeyValueLog,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Begins to keep a group as it is now. */
  save(group: Group): void {
    const saving = this.write(group);
    this.saves.set(group.id, saving);
    void this.settle(group.id, saving);
  }

  /** Waits until a stable group is kept as it is, which is tried again if it failed. @throws StorageError */
  async assure(group: Group | undefined): Promise<void> {
    if (group?.state !== 'Stable') return;
    if (this.unkept.has(group.id)) this.save(group);
    await this.saves.get(group.id);
  }

  /** The change that makes the log forget a group. */
  removalOf(groupId: string): Change {
    this.unkept.delete(groupId);
    return [keyOf(groupId), null];
  }

  /** Takes note of how it went, unless a later change is on its way. */
  private async settle(groupId: string, saving: Promise<void>): Promise<void> {
    let isKept = true;
    try {
      await saving;
    } catch (error) {
      isKept = false;
      this.onFailure(error);
    }
    if (this.saves.get(groupId) !== saving) return;
    this.saves.delete(groupId);
    if (isKept) this.unkept.delete(groupId);
    else this.unkept.add(groupId);
  }

  private write(group: Group): Promise<void> {
    const kept: KeptGroup = {
      generation: group.generation,
      protocolType: group.protocolType,
      protocol: group.protocol,
      leaderId: group.roster.leaderId,
      stateSince: group.stateSince,
      members: group.roster.all().map(keep),
    };
    return this.log.write([[keyOf(group.id), JSON.stringify(kept)]]);
  }

  /** Fills groups with what was kept; `make` gives the empty group to fill. */
  restoreAll(make: (id: string) => Group): void {
    for (const [key, value] of this.log.entries()) {
      const [kind, id] = JSON.parse(key) as [string, string];
      if (kind !== KIND) continue;
      const kept = JSON.parse(value) as KeptGroup;
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
    canSkipAssignment: false,
    protocols: kept.protocols.map(({ name, metadata }) => ({
      name,
      metadata: ownCopy(Buffer.from(metadata, 'base64')),
    })),
  });
  member.assignment = ownCopy(Buffer.from(kept.assignment, 'base64'));
  return member;
}
