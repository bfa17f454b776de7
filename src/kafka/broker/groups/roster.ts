import type { Member } from './member.js';
import type { Protocol } from './messages.js';

/** The members of a group: by id and static name, their leader, the protocols all of them know. */
export class Roster {
  private readonly members = new Map<string, Member>();
  private readonly staticIds = new Map<string, string>();
  leaderId: string | null = null;

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
    if (member.instanceId !== null) this.staticIds.set(member.instanceId, member.id);
    this.leaderId ??= member.id;
  }

  remove(member: Member): void {
    this.members.delete(member.id);
    if (member.instanceId !== null && this.staticIds.get(member.instanceId) === member.id) {
      this.staticIds.delete(member.instanceId);
    }
    if (this.leaderId === member.id) this.leaderId = this.all()[0]?.id ?? null;
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
    const common = this.commonProtocols();
    return this.size === 0 || protocols.some(({ name }) => common.has(name));
  }

  /** The protocol known to all that most members would rather have. */
  selectProtocol(): string {
    const candidates = this.commonProtocols();
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const vote = member.protocols.find(({ name }) => candidates.has(name))?.name;
      if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0])[0];
  }

  private commonProtocols(): Set<string> {
    const [first, ...others] = this.all();
    const names = (first?.protocols ?? []).map(({ name }) => name);
    return new Set(
      names.filter((name) => others.every((m) => m.protocols.some((p) => p.name === name))),
    );
  }
}
