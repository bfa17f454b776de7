import { findCoordinatorV4 } from '@platformatic/kafka';

import type { Cluster } from '../cluster/cluster.js';
import { LogUnavailable } from '../log.errors.js';
import { kafkaErrors } from '../protocol/error-codes.js';
import { groupRefusal } from './standing.js';

const GROUP = 0;
const TIMEOUT_MS = 3_000;

/** Knows which broker coordinates a group, until it is told that this is not so any more. */
export class CoordinatorFinder {
  private broker: number | undefined;
  private finding: Promise<number> | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly groupId: string,
  ) {}

  /** The broker's id; those who ask at the same time share the request. @throws LogUnavailable */
  async locate(): Promise<number> {
    if (this.broker !== undefined) return this.broker;
    this.finding ??= this.find().finally(() => {
      this.finding = undefined;
    });
    return this.finding;
  }

  /** Has the next one ask again. */
  forget(): void {
    this.broker = undefined;
  }

  private async find(): Promise<number> {
    const answer = await this.cluster.ask<findCoordinatorV4.FindCoordinatorResponse>(
      (connection, done) => findCoordinatorV4.api(connection, GROUP, [this.groupId], done),
      TIMEOUT_MS,
    );
    const found = answer.coordinators[0];
    if (found === undefined) throw new LogUnavailable('Kafka names no coordinator.');
    const { errorCode, nodeId, host, port } = found;
    if (errorCode !== kafkaErrors.NONE) throw groupRefusal(this.groupId, errorCode);
    this.cluster.learn(nodeId, { host, port });
    this.broker = nodeId;
    return nodeId;
  }
}
