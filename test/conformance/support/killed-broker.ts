import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrokerProcess, type BrokerProcess } from './broker-process.js';

/** An embedded broker as a process, on a directory of each test's own, that tests kill and start again. */
export class KilledBroker {
  private directory = '';
  private process: BrokerProcess | undefined;

  /** Makes it ready before, and takes it away after each test of the file. */
  constructor() {
    beforeEach(async () => {
      this.directory = await mkdtemp(join(tmpdir(), 'broker-crash-'));
    });
    afterEach(async () => {
      await this.process?.kill();
      this.process = undefined;
      await rm(this.directory, { recursive: true, force: true });
    });
  }

  /** The process that was started last. */
  get running(): BrokerProcess {
    if (this.process === undefined) throw new Error('No broker was started.');
    return this.process;
  }

  async start(...more: string[]): Promise<BrokerProcess> {
    this.process = await startBrokerProcess(this.directory, more);
    return this.process;
  }
}
