import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.js';
import { type FsyncMode } from './log-types.js';
import { PartitionLog } from './partition-log.js';
import { StorageRuntime } from './storage-runtime.js';
import { KeyedLogLife } from './testing/keyed-log-life.js';
import { LogLife } from './testing/log-life.js';
import { randomNumbers } from '../../../../test/support/random-numbers.js';
import { SimulatedDisk } from './testing/simulated-disk.js';

/** More, and other ones, by hand. */
const RUNS = Number(process.env['POWER_CUT_RUNS'] ?? 20);
const FIRST_SEED = Number(process.env['POWER_CUT_SEED'] ?? 1);
const LIVES = 6;
const TIMEOUT_MS = 600_000;

interface Trouble {
  /** A kill -9, else a power cut. */
  readonly kill?: boolean;
  /** `always` when not given. */
  readonly fsync?: FsyncMode;
  readonly cleans?: boolean;
  readonly syncFailures?: number;
  readonly fullness?: number;
}

/** What is done with a log and promised of it. */
interface Life {
  /** The log's time, where that matters. */
  readonly now?: number;
  go(log: PartitionLog, isOver: () => boolean): Promise<void>;
  broken(log: PartitionLog): Promise<readonly string[]>;
}

interface Kind {
  readonly lifeOf: (random: () => number, trouble: Trouble) => Life;
  readonly segmentBytes: (random: () => number) => number;
  readonly config: Partial<LogConfig>;
}

const records: Kind = {
  lifeOf: (random, { kill = false, cleans = false, fsync = 'always' }) =>
    new LogLife(random, { cleans, keepsAll: kill || fsync === 'always' }),
  segmentBytes: (random) => 3_000 + Math.floor(random() * 30_000),
  config: { retentionMs: -1 },
};

const keys: Kind = {
  lifeOf: (random) => new KeyedLogLife(random),
  segmentBytes: (random) => 800 + Math.floor(random() * 4_000),
  config: { cleanupPolicy: 'compact', minCleanableDirtyRatio: 0, deleteRetentionMs: 5 },
};

/** Some logs over some lives that end badly. @returns what was broken in one of them */
async function run(kind: Kind, trouble: Trouble): Promise<readonly string[]> {
  const broken: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    broken.push(...(await runOne(kind, seed, trouble)));
  }
  return broken;
}

async function runOne(kind: Kind, seed: number, trouble: Trouble): Promise<readonly string[]> {
  const random = randomNumbers(seed);
  const { kill = false, fsync = 'always' } = trouble;
  const life = kind.lifeOf(random, trouble);
  const segmentBytes = kind.segmentBytes(random);
  const config = { ...DEFAULT_LOG_CONFIG, ...kind.config, segmentBytes };
  let disk = new SimulatedDisk(random);
  for (let leaderEpoch = 0; leaderEpoch < LIVES; leaderEpoch++) {
    const here = disk;
    const tailCacheBytes = random() < 0.5 ? 0 : 100_000;
    const log = await PartitionLog.open({
      directory: '/log',
      config: () => config,
      leaderEpoch,
      fsync,
      fsyncIntervalMs: 1,
      clock: () => life.now ?? Date.now(),
      runtime: new StorageRuntime({ files: here, tailCacheBytes, maxOpenFiles: 3 }),
    });
    const broken = await life.broken(log);
    if (broken.length > 0) return [`seed ${seed}, life ${leaderEpoch}:`, ...broken];
    here.syncFailures = trouble.syncFailures ?? 0;
    here.fullness = trouble.fullness ?? 0;
    if (kill) here.operationsLeft = 1 + Math.floor(random() * 500);
    await life.go(log, () => here.isDead);
    const left = kill ? here.afterKill() : here.afterPowerCut(random() < 0.5);
    await log.close().catch(() => undefined);
    disk = left;
  }
  return [];
}

describe('a log keeps what it has acknowledged', () => {
  it.each<[string, Trouble]>([
    ['power cuts', {}],
    ['power cuts beside cleaning', { cleans: true }],
    ['power cuts and failing syncs', { cleans: true, syncFailures: 0.05 }],
    ['power cuts on a full disk', { cleans: true, fullness: 0.15 }],
    ['all of these', { cleans: true, syncFailures: 0.03, fullness: 0.1 }],
    ['kill -9', { fsync: 'never', cleans: true, kill: true }],
    ['kill -9 on a full disk', { fsync: 'never', cleans: true, kill: true, fullness: 0.15 }],
  ])(
    'over %s',
    async (_name, trouble) => {
      expect(await run(records, trouble)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('a log that syncs now and then keeps a beginning, without a hole', () => {
  it.each<[string, Trouble]>([
    ['power cuts', {}],
    ['power cuts beside cleaning', { cleans: true }],
    ['failing syncs and a full disk', { cleans: true, syncFailures: 0.03, fullness: 0.1 }],
  ])(
    'over %s',
    async (_name, trouble) => {
      expect(await run(records, { ...trouble, fsync: 'interval' })).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('a compacted log keeps the newest of each key', () => {
  it.each<[string, Trouble]>([
    ['power cuts', {}],
    ['power cuts and failing syncs', { syncFailures: 0.04 }],
    ['power cuts on a full disk', { fullness: 0.1 }],
    ['all of these', { syncFailures: 0.03, fullness: 0.07 }],
    ['kill -9', { fsync: 'never', kill: true }],
    ['kill -9 on a full disk', { fsync: 'never', kill: true, fullness: 0.1 }],
  ])(
    'over %s',
    async (_name, trouble) => {
      expect(await run(keys, trouble)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
