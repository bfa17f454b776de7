import type { Logger } from '@nestjs/common';
import type { RequestedSettings, Settings } from './config/settings.js';
import { startModuleProcess, type ModuleProcess } from './platform/module-process.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { runProgram } from './platform/run-program.js';

/**
 * `npm run start:split`: this process holds the platform (data directory, embedded Postgres and
 * broker) and one child per chosen module, which listens on a port of its own. A gateway that makes
 * them one address is not part of it.
 */

const running: { readonly modules: ModuleProcess[]; platform?: Promise<Platform> } = {
  modules: [],
};

/** Ports go up from the first one by module; 0 stays 0. */
function settingsOf(settings: Settings, index: number): Settings {
  const { host, port } = settings.http;
  return { ...settings, http: { host, port: port === 0 ? 0 : port + index } };
}

async function startModules(settings: Settings, logger: Logger): Promise<void> {
  const outcomes = await Promise.allSettled(
    settings.modules.map(async (module, index) => {
      const started = await startModuleProcess(module, settingsOf(settings, index), logger);
      running.modules.push(started);
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function start(requested: RequestedSettings, logger: Logger): Promise<void> {
  running.platform = startPlatform(requested, logger);
  const { settings } = await running.platform;
  await startModules(settings, logger);
  const { modules } = running;
  const lines = modules.map(({ module, url }) => `  ${module.padEnd(14)} ${url}\n`).toSorted();
  const key =
    requested.adminKey === undefined ? `${requested.dataDir}/admin.key` : 'MILLRACE_ADMIN_KEY';
  process.stdout.write(
    `\nMillrace runs a process per module:\n\n${lines.join('')}\n  The admin key is in ${key}\n\n`,
  );
  process.send?.({ urls: Object.fromEntries(modules.map(({ module, url }) => [module, url])) });
}

await runProgram({
  start,
  stop: async () => {
    await Promise.all(running.modules.map((module) => module.stop()));
    const platform = await running.platform?.catch(() => undefined);
    await platform?.stop();
  },
});
