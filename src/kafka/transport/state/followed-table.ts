import { Logger } from '@nestjs/common';
import type { HealthState } from '../../../common/health/health-registry.js';
import type { StateContract } from '../../contracts/contract.js';
import type { LogRecord } from '../../log/event-log.js';
import { SharedCatchUp } from '../follow/catch-up.js';
import { PartitionFollower } from '../follow/partition-follower.js';
import type { TopicLog } from '../follow/topic-log.js';
import { textHeaders } from '../wire/headers.js';
import type { MessageSigner } from '../wire/message-signer.js';
import { readStateRecord } from './state-record.js';
import { StateTable } from './state-table.js';

const CATCH_UP_MS = 1_000;

/** A StateTable and what keeps it in step with its topic. */
export class FollowedTable<State> {
  private readonly logger: Logger;
  private readonly follower: PartitionFollower;
  private readonly shared: SharedCatchUp;
  private complete = false;

  readonly table: StateTable<State>;

  constructor(
    readonly contract: StateContract<State>,
    topic: string,
    log: TopicLog,
    private readonly signer: MessageSigner,
    private readonly ensureTopic: () => void,
  ) {
    this.logger = new Logger(`State ${contract.name}`);
    this.follower = new PartitionFollower(log, {
      topic,
      partition: 0,
      from: 'earliest',
      onRecord: (record) => this.take(record),
      onReset: () => this.distrustTopic(),
    });
    this.shared = new SharedCatchUp(() => this.follower.caughtUp());
    this.table = new StateTable<State>(() => this.shared.wait(CATCH_UP_MS));
  }

  /** Resolves when the table holds all that the topic held at the start. */
  async start(): Promise<void> {
    this.follower.start();
    await this.follower.caughtUp();
    this.complete = true;
  }

  /** Resolves when the table holds all that the topic holds now. */
  caughtUp(): Promise<void> {
    return this.follower.caughtUp();
  }

  /** Whether it was read to its end once. */
  get isComplete(): boolean {
    return this.complete;
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  health(): HealthState {
    if (!this.complete) return { ok: false, detail: 'Not yet read to its end.' };
    const { problem } = this.follower;
    return problem === undefined ? { ok: true } : { ok: false, detail: problem };
  }

  /** The owner shall publish everything again. */
  private distrustTopic(): void {
    for (const uid of this.table.uids()) this.table.displace(uid);
    this.ensureTopic();
  }

  /** Follows the topic; a record that is not its owner's is logged and changes nothing. */
  private take({ offset, key, value, headers }: LogRecord): void {
    const text = textHeaders(headers);
    try {
      const record = { offset, key, value, headers: text };
      this.table.apply(readStateRecord(this.contract, record, this.signer));
    } catch (error) {
      this.logger.warn(`Record ${offset} does not count: ${String(error)}`);
      if (key !== null) this.table.displace(key.toString('utf8'));
    }
  }
}
