import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseKept } from './topics/damaged-file.js';
import { replaceSmallFile } from './topics/write-file-atomically.js';

/** Ids reserved by one write; those not handed out before a restart are skipped. */
const BLOCK = 1000;
const FILE = 'producer-ids.json';

/** Hands out producer ids that were never handed out before, over restarts too. */
export class ProducerIds {
  private reserving: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly durable: boolean,
    private nextId: number,
    private reservedBelow: number,
    private readonly guard: () => void,
  ) {}

  /**
   * @param guard called before each reservation; what it throws refuses it
   * @throws DamagedFile
   */
  static async open(
    dataDir: string,
    durable: boolean,
    guard: () => void = () => undefined,
  ): Promise<ProducerIds> {
    const path = join(dataDir, FILE);
    const first = await loadFirstFree(path);
    return new ProducerIds(path, durable, first, first, guard);
  }

  /** @throws what the file system throws when no more can be reserved; nothing is lost then */
  async next(): Promise<number> {
    while (this.nextId >= this.reservedBelow) await this.reserve();
    return this.nextId++;
  }

  private async reserve(): Promise<void> {
    this.reserving ??= this.writeReservation().finally(() => {
      this.reserving = undefined;
    });
    await this.reserving;
  }

  private async writeReservation(): Promise<void> {
    this.guard();
    const below = this.reservedBelow + BLOCK;
    await replaceSmallFile(this.path, JSON.stringify({ firstFree: below }), this.durable);
    this.reservedBelow = below;
  }
}

interface Reservation {
  readonly firstFree: number;
}

async function loadFirstFree(path: string): Promise<number> {
  try {
    return parseKept<Reservation>(path, await readFile(path, 'utf8'), isReservation).firstFree;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

const isReservation = ({ firstFree }: Partial<Reservation>): boolean =>
  Number.isSafeInteger(firstFree) && Number(firstFree) >= 0;
