import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { PackedMillrace } from './packed-millrace.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../../..');

/** What a user installs besides: the types of Node that kafkajs and TypeScript ask for. */
const USERS_OWN = ['@types/node'];

/** Somebody's project, elsewhere, in which Millrace is installed. */
export class UserProject {
  private constructor(private readonly directory: string) {}

  /** @param directory an empty folder */
  static async create(directory: string, millrace: PackedMillrace): Promise<UserProject> {
    const project = new UserProject(directory);
    await millrace.unpack(join(directory, 'node_modules/millrace'));
    for (const name of [...Object.keys(millrace.manifest.dependencies), ...USERS_OWN]) {
      const link = join(directory, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(root, 'node_modules', name), link, 'junction');
    }
    await cp(join(root, 'examples/broker-in-tests'), directory, { recursive: true });
    await mkdir(join(directory, 'tmp'));
    return project;
  }

  async write(path: string, text: string): Promise<void> {
    await writeFile(join(this.directory, path), text);
  }

  /**
   * Runs Node there until it ends by itself.
   * @returns all it wrote. Rejects when it ends with another code than 0, with what it wrote, and
   *   when it leaves something in the folder for temporary files.
   */
  async node(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
    const tmp = join(this.directory, 'tmp');
    const env = { ...process.env, TMPDIR: tmp, TEMP: tmp, NODE_OPTIONS: '', ...more };
    const output = await run(process.execPath, args, { cwd: this.directory, env }).then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: Error & { readonly stdout: string; readonly stderr: string }) => {
        throw new Error(`${error.message}\n${error.stdout}${error.stderr}`, { cause: error });
      },
    );
    const left = await readdir(tmp);
    if (left.length > 0) throw new Error(`${args.join(' ')} left behind: ${left.join(', ')}`);
    return output;
  }

  /** Compiles a program as that project would, libraries' declarations included. */
  async typecheck(program: string, module: string, moduleResolution: string): Promise<string> {
    const options = { module, moduleResolution, skipLibCheck: 'false', types: 'node' };
    const flags = Object.entries({ ...options, target: 'es2022', strict: 'true' });
    const args = flags.flatMap(([name, value]) => [`--${name}`, value]);
    return this.node([join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', ...args, program]);
  }

  /** Paths of all scripts that a program loads but Node's own. */
  async scriptsOf(program: string): Promise<readonly string[]> {
    const coverage = join(this.directory, 'coverage');
    await this.node([program], { NODE_V8_COVERAGE: coverage });
    const files = await readdir(coverage);
    const reports = await Promise.all(files.map((file) => readFile(join(coverage, file), 'utf8')));
    await rm(coverage, { recursive: true });
    return reports
      .flatMap((text) => (JSON.parse(text) as { result: readonly { url: string }[] }).result)
      .map(({ url }) => url)
      .filter((url) => url.startsWith('file:') && !url.endsWith(`/${program}`));
  }

  /** Does something while a file of the installed package is gone. */
  async without(path: string, action: () => Promise<void>): Promise<void> {
    const file = join(this.directory, 'node_modules/millrace', path);
    await rename(file, `${file}.gone`);
    try {
      await action();
    } finally {
      await rename(`${file}.gone`, file);
    }
  }
}
