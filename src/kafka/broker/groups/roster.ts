import { OBJECT_BYTES, type GroupMemory } from './group-memory.js';
import type { Member } from './member.js';
import type { JoinRequest, Protocol } from './messages.js';

/** The members of a group: by id and static name, their leader, the protocols all of them know. */
export class Roster {
  private readonly members = new Map<string, Member>();
  private readonly staticIds = new Map<string, string>();
  /** How many members know a protocol. */
  private readonly supporters = new Map<string, number>();
  /** What each was counted with. */
  private readonly weights = new Map<Member, number>();
  leaderId: string | null = null;

  private ownBytes: number;

  /** @param memory from which the group of that id, too, is taken */
  constructor(
    private readonly memory: GroupMemory,
    groupId: string,
  ) {
    this.ownBytes = OBJECT_BYTES + groupId.length;
    memory.take(this.ownBytes);
  }

  get size(): number {
    return this.members.size;
  }

  all(): readonly Member[] {
    return [...this.members.values()];
  }

  get(memberId: string): Member | undefined {
    return this.members.get(memberId);
  }

  has(memberId: string): boolean {
    return this.members.has(memberId);
  }

  /** The id that a static member has at present. */
  idOfInstance(instanceId: string | null): string | undefined {
    return instanceId === null ? undefined : this.staticIds.get(instanceId);
  }

  add(member: Member): void {
    this.members.set(member.id, member);
    this.count(member, 1);
    if (member.instanceId !== null) this.staticIds.set(member.instanceId, member.id);
    this.leaderId ??= member.id;
    this.weigh(member, member.bytes);
  }

  remove(member: Member): void {
    if (this.members.delete(member.id)) this.count(member, -1);
    if (member.instanceId !== null && this.staticIds.get(member.instanceId) === member.id) {
      this.staticIds.delete(member.instanceId);
    }
    if (this.leaderId === member.id) this.leaderId = this.all()[0]?.id ?? null;
    this.weigh(member, 0);
  }

  /** A member says something else than before. */
  update(member: Member, request: JoinRequest): void {
    this.count(member, -1);
    member.update(request);
    this.count(member, 1);
    this.weigh(member, member.bytes);
  }

  /** Gives every member its part of what the leader brought. */
  assign(partOf: (member: Member) => Buffer): void {
    for (const member of this.members.values()) {
      member.assignment = partOf(member);
      this.weigh(member, member.bytes);
    }
  }

  /** The group ends: its clocks stop, its memory is free. */
  dissolve(): void {
    for (const member of this.members.values()) {
      member.cancelSession();
      this.weigh(member, 0);
    }
    this.memory.take(-this.ownBytes);
    this.ownBytes = 0;
  }

  /** Puts a static member that came back in the place of its former self. */
  replace(former: Member, successor: Member): void {
    const wasLeader = this.leaderId === former.id;
    this.remove(former);
    this.add(successor);
    if (wasLeader) this.leaderId = successor.id;
  }

  /** Keeps the leader if it has joined, else elects one that has. False: nobody has. */
  electJoinedLeader(): boolean {
    if (this.leaderId !== null && this.get(this.leaderId)?.awaitingJoin) return true;
    const joined = this.all().find((member) => member.awaitingJoin);
    if (joined) this.leaderId = joined.id;
    return joined !== undefined;
  }

  longestRebalanceTimeoutMs(): number {
    return this.all().reduce((longest, member) => Math.max(longest, member.rebalanceTimeoutMs), 0);
  }

  /** Whether a newcomer with these protocols shares at least one with every member. */
  supports(protocols: readonly Protocol[]): boolean {
    return this.size === 0 || protocols.some(({ name }) => this.isCommon(name));
  }

  /** The protocol known to all that most members would rather have. */
  selectProtocol(): string {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const vote = member.protocols.find(({ name }) => this.isCommon(name))?.name;
      if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0])[0];
  }

  private isCommon(protocol: string): boolean {
    return this.supporters.get(protocol) === this.size;
  }

  private weigh(member: Member, bytes: number): void {
    this.memory.take(bytes - (this.weights.get(member) ?? 0));
    if (bytes === 0) this.weights.delete(member);
    else this.weights.set(member, bytes);
  }

  private count({ protocols }: Member, by: 1 | -1): void {
    for (const name of new Set(protocols.map((protocol) => protocol.name))) {
      const supporters = (this.supporters.get(name) ?? 0) + by;
      if (supporters === 0) this.supporters.delete(name);
      else this.supporters.set(name, supporters);
    }
  }
}
