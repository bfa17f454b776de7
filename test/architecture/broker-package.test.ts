import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { eventually } from '../support/eventually.js';
import { canListen, Command } from './support/broker-package/command.js';
import { brokenLinks, packingFaults } from './support/broker-package/packed-files.js';
import {
  packMillrace,
  pathsToldBy,
  type PackedMillrace,
} from './support/broker-package/packed-millrace.js';
import {
  documentedCode,
  JEST_IMPORT,
  LOG_IN,
  SIDE_BY_SIDE,
  START_AND_STOP,
  TYPED,
  TYPED_AWAITED,
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
  await user.write('log-in.mjs', LOG_IN);
  await user.write('import.test.cjs', JEST_IMPORT);
  await user.write('typed.mts', TYPED);
  await user.write('typed.cts', TYPED_COMMON_JS);
  await user.write('awaited.cts', TYPED_AWAITED);
}, 180_000);

afterAll(async () => {
  user?.close();
  await rm(directory, { recursive: true, force: true });
});

describe('the package', () => {
  it.each([
    ['11', '[{"files":[{"path":"LICENSE"},{"path":"dist/main.js"}]}]'],
    ['12', '{"millrace":{"files":[{"path":"LICENSE"},{"path":"dist/main.js"}]}}'],
  ])('is told by npm %s', (_, answer) => {
    expect(pathsToldBy(answer)).toEqual(['LICENSE', 'dist/main.js']);
  });

  it('holds what it promises, and nothing else', () => {
    const { files, sources, manifest } = millrace;
    expect(packingFaults(files, sources, manifest)).toEqual([]);
  });

  it('holds all that its documentation points at', async () => {
    expect(await brokenLinks(millrace.files, millrace.text)).toEqual([]);
    const without = millrace.files.filter((path) => !path.startsWith('docs/'));
    expect(await brokenLinks(without, millrace.text)).toContain('README.md: docs/configuration.md');
  });

  it('describes to TypeScript only what its export needs', () => {
    const described = millrace.files.filter((path) => path.endsWith('.d.ts'));
    expect(described).toContain('dist/kafka/broker/index.d.ts');
    expect(described).not.toContain('dist/kafka/broker/server/server.d.ts');
  });

  it.each([
    'LICENSE',
    'dist/main.js',
    'scripts/run-broker.mjs',
    'dist/kafka/broker/index.d.ts',
    'src/kafka/broker/README.md',
    'examples/broker-in-tests/README.md',
    'docs/adr/README.md',
    'CHANGELOG.md',
  ])('is found out without %s', (path) => {
    const { files, sources, manifest } = millrace;
    const fewer = files.filter((file) => file !== path);
    expect(packingFaults(fewer, sources, manifest)).toEqual([`${path} is missing`]);
  });

  it.each([
    '.env',
    'src/main.ts',
    'examples/github-webhooks/demo.mjs',
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
    ['nodenext', ['typed.mts', 'typed.cts']],
    ['node16', ['typed.mts', 'awaited.cts']],
    ['bundler', ['typed.mts']],
  ] as const)('compiles with moduleResolution %s: %j', async (moduleResolution, programs) => {
    expect(await user.typecheck(moduleResolution, ...programs)).toBe('');
  });

  it('loads no file but the broker’s own and the native checksum', async () => {
    const scripts = await user.scriptsOf('start-and-stop.mjs');
    const own = scripts.filter((url) => url.includes('/node_modules/millrace/dist/kafka/broker/'));
    const foreign = scripts.filter((url) => !own.includes(url));
    expect(own.length).toBeGreaterThan(50);
    expect(foreign).toEqual([expect.stringContaining('/node_modules/@node-rs/crc32/')]);
  });

  it('makes a user’s line as documented, with which somebody logs in', async () => {
    await user.write('make-user.mjs', documentedCode('pbkdf2Sync'));
    await user.write('users', await user.node(['make-user.mjs', 'bob'], {}, 'it: a secret\n'));
    expect(await user.node(['log-in.mjs', 'bob', 'it: a secret'])).toBe('[]\n');
    await expect(user.node(['log-in.mjs', 'bob', 'a secret'])).rejects.toThrow(
      'Authentication failed',
    );
  });

  it('starts the broker by the documented line, and ends it with its port free', async () => {
    const broker = await Command.start(user, ['ignore', 'pipe', 'inherit']);
    broker.child.kill('SIGTERM');
    expect(await broker.exited).toEqual([0, null]);
    expect(await canListen(broker.port)).toBe(true);
  });

  it('ends the broker when the pipe to who started it ends', async () => {
    const broker = await Command.start(user, ['pipe', 'pipe', 'inherit']);
    broker.child.stdin!.end();
    expect(await broker.exited).toEqual([0, null]);
    expect(await canListen(broker.port)).toBe(true);
  });

  it('starts the broker on an input that is over', async () => {
    const broker = await Command.start(user, ['pipe', 'pipe', 'inherit'], (child) => {
      child.stdin!.end('some words\n');
    });
    broker.child.kill('SIGTERM');
    expect(await broker.exited).toEqual([0, null]);
  });

  it('tells its port over IPC, and ends with that channel', async () => {
    const told: unknown[] = [];
    const broker = await Command.start(user, ['ignore', 'pipe', 'inherit', 'ipc'], (child) => {
      child.on('message', (message) => told.push(message));
    });
    await eventually(
      () => told,
      ({ length }) => length > 0,
    );
    expect(told).toEqual([{ port: broker.port }]);
    broker.child.disconnect();
    expect(await broker.exited).toEqual([0, null]);
    expect(await canListen(broker.port)).toBe(true);
  });

  it.each(['package.json', 'dist/kafka/broker/index.js', 'dist/kafka/broker/server/server.js'])(
    'cannot run without %s',
    async (path) => {
      await user.without(path, async () => {
        await expect(user.node(['start-and-stop.mjs'])).rejects.toThrow('ERR_MODULE_NOT_FOUND');
      });
    },
  );

  it('cannot be compiled without a declaration that the export’s needs', async () => {
    await user.without('dist/kafka/broker/settings.d.ts', async () => {
      await expect(user.typecheck('nodenext', 'typed.mts')).rejects.toThrow('error TS');
    });
  });
});
