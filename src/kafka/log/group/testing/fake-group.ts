import type { OffsetToCommit, PartitionGroupListener, TopicPartition } from '../../event-log.js';
import { LogUnavailable } from '../../log.errors.js';
import type { Joined, MemberAssignment, Place } from '../coordinator.js';
import type { GroupRequests } from '../group-member.js';
import { decodeSubscription, encodeAssignment } from '../member-metadata.js';
import type { Standing } from '../standing.js';

/** Holds callers back while it is shut. */
class Gate {
  private opened: Promise<void> = Promise.resolve();
  open: () => void = () => undefined;

  shut(): void {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  async pass(): Promise<void> {
    await this.opened;
  }
}

/**
 * A coordinator in memory with one member. Standings are answered as they are set, once each and
 * then `member`; `assigns` is what the next sync gives.
 */
export class FakeGroup implements GroupRequests {
  readonly joins: { readonly memberId: string; readonly owned: readonly TopicPartition[] }[] = [];
  readonly left: string[] = [];
  readonly commits: Place[] = [];
  readonly joinGate = new Gate();
  hangUps = 0;
  heartbeats = 0;
  assigns: readonly TopicPartition[] = [];
  /** Nothing is answered any more. */
  silent = false;
  generation = 0;
  readonly next = {
    join: [] as Standing[],
    sync: [] as Standing[],
    heartbeat: [] as Standing[],
    commit: [] as Standing[],
  };
  private ids = 0;
  private breakOff: (error: Error) => void = () => undefined;

  async join(memberId: string, metadata: Buffer): Promise<Joined> {
    this.speak();
    this.joins.push({ memberId, owned: decodeSubscription(metadata).owned });
    await Promise.race([
      this.joinGate.pass(),
      new Promise<never>((_, reject) => {
        this.breakOff = reject;
      }),
    ]);
    const standing = this.next.join.shift() ?? 'member';
    const given = memberId === '' ? `member-${(this.ids += 1)}` : memberId;
    if (standing === 'member') this.generation += 1;
    return { standing, memberId: given, generation: this.generation };
  }

  async sync(
    _place: Place,
    _assignments: readonly MemberAssignment[],
  ): Promise<{ readonly standing: Standing; readonly assignment: Buffer }> {
    this.speak();
    const standing = this.next.sync.shift() ?? 'member';
    return { standing, assignment: encodeAssignment(this.assigns) };
  }

  async heartbeat(): Promise<Standing> {
    this.speak();
    this.heartbeats += 1;
    return this.next.heartbeat.shift() ?? 'member';
  }

  async commit(place: Place, _offsets: readonly OffsetToCommit[]): Promise<Standing> {
    this.speak();
    this.commits.push(place);
    return this.next.commit.shift() ?? 'member';
  }

  async leave(memberId: string): Promise<void> {
    this.left.push(memberId);
    this.speak();
  }

  hangUp(): void {
    this.hangUps += 1;
    this.breakOff(new LogUnavailable('hung up'));
  }

  private speak(): void {
    if (this.silent) throw new LogUnavailable('silent');
  }
}

/** Writes down what a member is told; hand-overs wait at the gate. */
export class FakeListener implements PartitionGroupListener {
  readonly told: string[] = [];
  readonly gate = new Gate();

  onAssigned(partitions: readonly TopicPartition[]): void {
    this.note('assigned', partitions);
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    this.note('revoking', partitions);
    await this.gate.pass();
    this.note('revoked', partitions);
  }

  onLost(partitions: readonly TopicPartition[]): void {
    this.note('lost', partitions);
  }

  private note(what: string, partitions: readonly TopicPartition[]): void {
    this.told.push(`${what} ${partitions.map(({ partition }) => partition).join()}`);
  }
}
