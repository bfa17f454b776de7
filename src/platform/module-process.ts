import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../config/settings.js';
import type { ModuleName } from '../kafka/contracts/module-names.js';
import { readyMessage } from './ready-message.js';
import { endProcess } from './running-processes.js';
import {
  ended,
  hasEnded,
  SupervisedProcess,
  type PlatformLog,
  type ProcessPlan,
} from './supervised-process.js';

/** A process that runs one domain module. */
export interface ModuleProcess {
  readonly module: ModuleName;
  /** `http://127.0.0.1:8081`; kept when the process is started again. */
  readonly url: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
const program = fileURLToPath(new URL('../main.js', import.meta.url));

/** The environment under which a process runs this module on these servers with these keys. */
function environmentOf(settings: Settings, module: ModuleName, port: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: settings.databaseUrl,
    KAFKA_BROKERS: settings.kafka.brokers.join(','),
    MILLRACE_ADMIN_KEY: settings.adminKey,
    MILLRACE_ENCRYPTION_KEY: settings.encryptionKey.toString('hex'),
    MILLRACE_DATA_DIR: settings.dataDir,
    MILLRACE_HTTP_PORT: String(port),
    MILLRACE_MODULES: module,
  };
}

const urlIn = (message: unknown): string | undefined =>
  typeof message === 'object' &&
  message !== null &&
  'url' in message &&
  typeof message.url === 'string'
    ? message.url
    : undefined;

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = ended(child);
  await endProcess(child.pid, [
    { signal: 'SIGTERM', timeoutMs: 27_000 },
    { signal: 'SIGKILL', timeoutMs: 1_000 },
  ]);
  await gone;
}

/** Starts a process for one module and keeps it running on its port. */
export async function startModuleProcess(
  module: ModuleName,
  settings: Settings,
  log: PlatformLog,
): Promise<ModuleProcess> {
  let { port } = settings.http;
  let url = '';
  const plan: ProcessPlan = {
    name: `The process of ${module}`,
    start: async () => {
      const child = fork(program, [], {
        detached: true,
        execArgv: ['--enable-source-maps'],
        env: environmentOf(settings, module, port),
      });
      try {
        url = await readyMessage(child, {
          name: plan.name,
          timeoutMs: START_TIMEOUT_MS,
          read: urlIn,
          lastWords: async () => '',
        });
      } catch (error) {
        await stopProcess(child);
        throw error;
      }
      port = Number(new URL(url).port);
      return child;
    },
    stop: stopProcess,
  };
  const supervised = new SupervisedProcess(plan, log);
  await supervised.start();
  return { module, url, stop: () => supervised.stop() };
}
