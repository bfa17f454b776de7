import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../src/platform/running-processes.js';
import { eventually } from '../support/eventually.js';

const START = join(import.meta.dirname, '../../scripts/start.mjs');

/** Nothing of the machine's own settings, and any free port. */
function environment(dataDir: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:MILLRACE_|KAFKA_|DATABASE_URL$|NODE_OPTIONS$)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_HTTP_PORT: '0',
    MILLRACE_KAFKA_PORT: '0',
    ...more,
  };
}

const numberIn = async (path: string): Promise<number> =>
  Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);

const started = new Set<MillraceProcess>();

/** `npm start` as its users see it: a process with output, exit code and a data directory. */
export class MillraceProcess {
  private output = '';
  private readonly ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    readonly dataDir: string,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        started.delete(this);
        resolve(code);
      });
    });
    started.add(this);
  }

  /** Starts without waiting. */
  static spawn(dataDir: string, more: Readonly<Record<string, string>> = {}): MillraceProcess {
    const env = environment(dataDir, more);
    return new MillraceProcess(spawn(process.execPath, [START], { env }), dataDir);
  }

  /** Starts and waits for the greeting; rejects with the output when it ends instead. */
  static async start(
    dataDir: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<MillraceProcess> {
    const millrace = MillraceProcess.spawn(dataDir, more);
    await eventually(
      () => millrace.text,
      (text) => text.includes('/events -H') || millrace.child.exitCode !== null,
      60,
    );
    if (millrace.child.exitCode !== null) throw new Error(`it ended: ${millrace.text}`);
    return millrace;
  }

  /** All that it has written so far. */
  get text(): string {
    return this.output;
  }

  get url(): string {
    return /listens on (\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** The lines that the greeting offers to paste. */
  get curlLines(): readonly string[] {
    return this.output.split('\n').filter((line) => line.startsWith('  curl '));
  }

  /** Resolves with the exit code; null after a signal. */
  exitCode(): Promise<number | null> {
    return this.ended;
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }

  postgresPid(): Promise<number> {
    return numberIn(join(this.dataDir, 'postgres/postmaster.pid'));
  }

  brokerPid(): Promise<number> {
    return numberIn(join(this.dataDir, 'broker.pid'));
  }

  /** A call with the admin key. */
  async call(method: string, path: string, body?: unknown): Promise<Response> {
    const key = await readFile(join(this.dataDir, 'admin.key'), 'utf8');
    return fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${key.trim()}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }
}

/** Ends what a killed Millrace leaves behind, as the end of a container would. */
async function endLeftovers(dataDir: string): Promise<void> {
  for (const path of ['postgres/postmaster.pid', 'broker.pid']) {
    const pid = await numberIn(join(dataDir, path));
    if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGKILL');
  }
}

/** Runs `use` with a new data directory; nothing of it, and nobody who works on it, is left then. */
export async function withDataDir(use: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
  try {
    await use(dataDir);
  } finally {
    const running = [...started].filter((millrace) => millrace.dataDir === dataDir);
    await Promise.all(running.map((millrace) => millrace.end('SIGKILL')));
    await endLeftovers(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
}
