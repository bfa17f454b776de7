import { DEFAULT_LOG_CONFIG } from './log-config.js';
import { PartitionLog } from './partition-log.js';
import { StorageRuntime } from './storage-runtime.js';
import { LogLife } from './testing/log-life.js';
import { seeded } from './testing/seeded.js';
import { SimulatedDisk } from './testing/simulated-disk.js';

/** More, and other ones, by hand. */
const RUNS = Number(process.env['POWER_CUT_RUNS'] ?? 25);
const FIRST_SEED = Number(process.env['POWER_CUT_SEED'] ?? 1);
const LIVES = 6;

interface Trouble {
  /** A kill -9 under `never`, else a power cut under `always`. */
  readonly kill?: boolean;
  readonly cleans?: boolean;
  readonly syncFailures?: number;
  readonly fullness?: number;
}

/** One log over some lives that end badly. @returns what was broken in one of them */
async function run(seed: number, trouble: Trouble): Promise<readonly string[]> {
  const random = seeded(seed);
  const life = new LogLife(random, trouble.cleans === true);
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
      fsync: trouble.kill ? 'never' : 'always',
      runtime: new StorageRuntime({ files: here, tailCacheBytes, maxOpenFiles: 3 }),
    });
    const broken = await life.broken(log);
    if (broken.length > 0) return [`seed ${seed}, life ${leaderEpoch}:`, ...broken];
    here.syncFailures = trouble.syncFailures ?? 0;
    here.fullness = trouble.fullness ?? 0;
    if (trouble.kill) here.operationsLeft = 1 + Math.floor(random() * 400);
    await life.go(log, () => here.isDead);
    disk = trouble.kill ? here.afterKill() : here.afterPowerCut(random() < 0.5);
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
    ['kill -9', { cleans: true, kill: true }],
    ['kill -9 on a full disk', { cleans: true, kill: true, fullness: 0.15 }],
  ])(
    'over %s',
    async (_name, trouble) => {
      const broken: string[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
        broken.push(...(await run(seed, trouble)));
      }
      expect(broken).toEqual([]);
    },
    600_000,
  );
});
