import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');

/** A small project that is compiled by the real script. */
class Project {
  private constructor(readonly directory: string) {}

  static async create(): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), 'millrace-compile-')));
    for (const path of ['scripts/compile.mjs', 'scripts/build.mjs', '.swcrc', 'package.json']) {
      await cp(join(root, path), join(project.directory, path));
    }
    await symlink(join(root, 'node_modules'), join(project.directory, 'node_modules'));
    await project.write('a.ts', 'export const a: number = 1;');
    await project.write('deep/b.ts', `export { a } from '../a.js';`);
    return project;
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.directory, 'src', path);
    await mkdir(resolve(file, '..'), { recursive: true });
    await writeFile(file, text);
  }

  /** What the compile script says: how many files it compiled, or nothing. */
  async build(): Promise<string> {
    const { stdout } = await run(process.execPath, [join(this.directory, 'scripts/build.mjs')]);
    return stdout.replace(/ in .*\n/, '');
  }

  output(path: string): Promise<string> {
    return readFile(join(this.directory, 'dist', path), 'utf8');
  }

  exists(path: string): Promise<boolean> {
    return stat(join(this.directory, 'dist', path)).then(
      () => true,
      () => false,
    );
  }
}

describe('compiling', () => {
  let project: Project;

  beforeEach(async () => {
    project = await Project.create();
    await project.build();
  });

  afterEach(() => rm(project.directory, { recursive: true }));

  it('does nothing when nothing changed, not even for files that were only touched', async () => {
    expect(await project.build()).toBe('');
    await utimes(join(project.directory, 'src/a.ts'), new Date(), new Date());
    expect(await project.build()).toBe('');
  });

  it('writes modules that run, with maps back to their sources', async () => {
    expect(await project.output('a.js')).toMatch(
      /export const a = 1;[^]*sourceMappingURL=a\.js\.map/,
    );
    const map = JSON.parse(await project.output('deep/b.js.map')) as { sources: string[] };
    expect(map.sources).toEqual(['../../src/deep/b.ts']);
  });

  it('compiles the file that changed, and that alone', async () => {
    await project.write('a.ts', 'export const a: number = 2;');
    expect(await project.build()).toBe('Compiled 1 files');
    expect(await project.output('a.js')).toContain('a = 2');
  });

  it('removes what a deleted source left, and leaves specs out', async () => {
    await rm(join(project.directory, 'src/deep'), { recursive: true });
    await project.write('a.spec.ts', 'export {};');
    expect(await project.build()).toBe('');
    expect(await project.exists('deep/b.js')).toBe(false);
    expect(await project.exists('deep/b.js.map')).toBe(false);
    expect(await project.exists('a.spec.js')).toBe(false);
  });

  it('makes again an output that is missing', async () => {
    await rm(join(project.directory, 'dist/a.js'));
    expect(await project.build()).toBe('Compiled 1 files');
    expect(await project.exists('a.js')).toBe(true);
  });

  it('compiles all again when the compiler is told otherwise', async () => {
    const path = join(project.directory, '.swcrc');
    await writeFile(path, (await readFile(path, 'utf8')).replace('es2022', 'es2021'));
    expect(await project.build()).toBe('Compiled 2 files');
  });
});
