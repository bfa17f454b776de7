import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { packingFaults } from './support/broker-package/packed-files.js';
import { packMillrace, type PackedMillrace } from './support/broker-package/packed-millrace.js';
import {
  JEST_IMPORT,
  SIDE_BY_SIDE,
  START_AND_STOP,
  TYPED,
  TYPED_COMMON_JS,
} from './support/broker-package/programs.js';
import { UserProject } from './support/broker-package/user-project.js';

const jest = resolve(import.meta.dirname, '../../node_modules/jest/bin/jest.js');

let directory: string;
let millrace: PackedMillrace;
let user: UserProject;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  millrace = await packMillrace(directory);
  user = await UserProject.create(join(directory, 'user'), millrace);
  await user.write('start-and-stop.mjs', START_AND_STOP);
  await user.write('side-by-side.cjs', SIDE_BY_SIDE);
  await user.write('import.test.cjs', JEST_IMPORT);
  await user.write('typed.mts', TYPED);
  await user.write('typed.cts', TYPED_COMMON_JS);
}, 180_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what it promises, and nothing else', () => {
    const { files, sources, manifest } = millrace;
    expect(packingFaults(files, sources, manifest)).toEqual([]);
  });

  it('describes to TypeScript only what its export needs', () => {
    const described = millrace.files.filter((path) => path.endsWith('.d.ts'));
    expect(described).toContain('dist/kafka/broker/index.d.ts');
    expect(described).not.toContain('dist/kafka/broker/server/server.d.ts');
  });

  it.each(['LICENSE', 'dist/main.js', 'scripts/run-broker.mjs', 'dist/kafka/broker/index.d.ts'])(
    'is found out without %s',
    (path) => {
      const { files, sources, manifest } = millrace;
      const fewer = files.filter((file) => file !== path);
      expect(packingFaults(fewer, sources, manifest)).toEqual([`${path} is missing`]);
    },
  );

  it.each([
    '.env',
    'src/main.ts',
    'dist/.compiled.json',
    'dist/gone.js',
    'dist/kafka/broker/gone.d.ts',
    'dist/app.d.ts',
    'dist/kafka/broker/directory-lock.spec.js',
  ])('is found out with %s', (path) => {
    const { files, sources, manifest } = millrace;
    const faults = packingFaults([...files, path], sources, manifest);
    expect(faults).toEqual([`${path} does not belong there`]);
  });
});

describe('a project that installed the package', () => {
  it('tests with node:test, from an ES module', async () => {
    const output = await user.node(['--test', '--test-reporter=tap', 'orders.test.mjs']);
    expect(output).toContain('# pass 1');
  });

  it('tests with Jest, from CommonJS and without flags', async () => {
    const output = await user.node([
      jest,
      '--config',
      'jest.config.cjs',
      '--cacheDirectory',
      '../cache',
    ]);
    expect(output).toContain('1 passed, 1 total');
  });

  it('imports the broker in Jest’s sandbox, with the flag for modules there', async () => {
    const config = `--config=${JSON.stringify({ testMatch: ['**/import.test.cjs'] })}`;
    const args = ['--experimental-vm-modules', jest, config, '--cacheDirectory', '../cache'];
    expect(await user.node(args)).toContain('1 passed, 1 total');
  });

  it('requires the broker from CommonJS, and runs two side by side', async () => {
    const output = await user.node(['side-by-side.cjs']);
    expect(JSON.parse(output)).toEqual([
      { topics: ['left'], wasOnDisk: true, isOnDisk: false },
      { topics: ['right'], wasOnDisk: true, isOnDisk: false },
    ]);
  });

  it.each([
    ['nodenext', 'nodenext', 'typed.mts'],
    ['nodenext', 'nodenext', 'typed.cts'],
    ['esnext', 'bundler', 'typed.mts'],
  ])('compiles with module %s, moduleResolution %s: %s', async (module, resolution, program) => {
    expect(await user.typecheck(program, module, resolution)).toBe('');
  });

  it('loads no file but the broker’s own and the native checksum', async () => {
    const scripts = await user.scriptsOf('start-and-stop.mjs');
    const own = scripts.filter((url) => url.includes('/node_modules/millrace/dist/kafka/broker/'));
    const foreign = scripts.filter((url) => !own.includes(url));
    expect(own.length).toBeGreaterThan(50);
    expect(foreign).toEqual([expect.stringContaining('/node_modules/@node-rs/crc32/')]);
  });

  it('starts the broker from the command line', async () => {
    const { bin } = millrace.manifest;
    const program = join(directory, 'user/node_modules/millrace', bin['millrace-broker']!);
    expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const args = ['--port', '0', '--data-dir', join(directory, 'data')];
    const broker = fork(program, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const exited = once(broker, 'exit');
    try {
      const [line] = (await once(broker.stdout!, 'data')) as [Buffer];
      const { port, leaderEpoch } = JSON.parse(line.toString()) as Record<string, unknown>;
      expect([typeof port, leaderEpoch]).toEqual(['number', 0]);
    } finally {
      broker.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
  });

  it.each(['package.json', 'dist/kafka/broker/index.js', 'dist/kafka/broker/server/server.js'])(
    'cannot run without %s',
    async (path) => {
      await user.without(path, async () => {
        await expect(user.node(['start-and-stop.mjs'])).rejects.toThrow('ERR_MODULE_NOT_FOUND');
      });
    },
  );

  it.each(['dist/kafka/broker/index.d.ts', 'dist/kafka/broker/settings.d.ts'])(
    'cannot be compiled without %s',
    async (path) => {
      await user.without(path, async () => {
        await expect(user.typecheck('typed.mts', 'nodenext', 'nodenext')).rejects.toThrow(
          'error TS',
        );
      });
    },
  );
});
