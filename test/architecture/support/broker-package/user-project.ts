import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { PackedMillrace } from './packed-millrace.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../../..');

/** What a user installs besides: the types of Node that kafkajs and TypeScript ask for. */
const USERS_OWN = ['@types/node'];

/** Somebody's project, elsewhere, in which Millrace is installed. */
export class UserProject {
  private readonly started: ChildProcess[] = [];

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
    for (const [name, path] of Object.entries(millrace.manifest.bin)) {
      const link = join(directory, 'node_modules/.bin', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join('../millrace', path), link);
      await chmod(link, 0o755);
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
   * @param input what it finds on its standard input
   * @returns all it wrote. Rejects when it ends with another code than 0, with what it wrote, and
   *   when it leaves something in the folder for temporary files.
   */
  async node(args: readonly string[], more: NodeJS.ProcessEnv = {}, input = ''): Promise<string> {
    const tmp = join(this.directory, 'tmp');
    const env = { ...process.env, TMPDIR: tmp, TEMP: tmp, NODE_OPTIONS: '', ...more };
    const options = { cwd: this.directory, env, timeout: 50_000, killSignal: 'SIGKILL' } as const;
    const running = run(process.execPath, args, options);
    running.child.stdin?.end(input);
    const output = await running.then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: Error & { readonly stdout: string; readonly stderr: string }) => {
        throw new Error(`${error.message}\n${error.stdout}${error.stderr}`, { cause: error });
      },
    );
    const left = await readdir(tmp);
    if (left.length > 0) throw new Error(`${args.join(' ')} left behind: ${left.join(', ')}`);
    return output;
  }

  /** An empty folder there. */
  newDirectory(): Promise<string> {
    return mkdtemp(join(this.directory, 'data-'));
  }

  /** Starts an installed command there, by the path that the documentation names. */
  start(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
    const path = join('node_modules/.bin', command);
    const child = spawn(path, args, { cwd: this.directory, stdio });
    this.started.push(child);
    return child;
  }

  /** Ends what was started and has not ended. */
  close(): void {
    for (const child of this.started) child.kill('SIGKILL');
  }

  /** Compiles programs as that project would, libraries' declarations included. */
  async typecheck(
    moduleResolution: 'nodenext' | 'node16' | 'bundler',
    ...programs: readonly string[]
  ): Promise<string> {
    const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
    const strictly = { skipLibCheck: 'false', types: 'node', strict: 'true' };
    const options = { module, moduleResolution, ...strictly };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    return this.node([tsc, '--noEmit', '--target', 'es2022', ...args, ...programs]);
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
