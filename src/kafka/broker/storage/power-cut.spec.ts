import { DEFAULT_LOG_CONFIG } from './log-config.js';
import { type FsyncMode } from './log-types.js';
import { PartitionLog } from './partition-log.js';
import { StorageRuntime } from './storage-runtime.js';
import { LogLife } from './testing/log-life.js';
import { seeded } from './testing/seeded.js';
import { SimulatedDisk } from './testing/simulated-disk.js';

/** More, and other ones, by hand. */
const RUNS = Number(process.env['POWER_CUT_RUNS'] ?? 40);
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

/** Some logs over some lives that end badly. @returns what was broken in one of them */
async function run(trouble: Trouble): Promise<readonly string[]> {
  const broken: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    broken.push(...(await runOne(seed, trouble)));
  }
  return broken;
}

async function runOne(seed: number, trouble: Trouble): Promise<readonly string[]> {
  const random = seeded(seed);
  const { kill = false, cleans = false, fsync = 'always' } = trouble;
  const life = new LogLife(random, { cleans, keepsAll: kill || fsync === 'always' });
  const segmentBytes = 3_000 + Math.floor(random() * 30_000);
  const config = { ...DEFAULT_LOG_CONFIG, segmentBytes, retentionMs: -1 };
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
      runtime: new StorageRuntime({ files: here, tailCacheBytes, maxOpenFiles: 3 }),
    });
    const broken = await life.broken(log);
    if (broken.length > 0) return [`seed ${seed}, life ${leaderEpoch}:`, ...broken];
    here.syncFailures = trouble.syncFailures ?? 0;
    here.fullness = trouble.fullness ?? 0;
    if (kill) here.operationsLeft = 1 + Math.floor(random() * 400);
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
      expect(await run(trouble)).toEqual([]);
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
      expect(await run({ ...trouble, fsync: 'interval' })).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
