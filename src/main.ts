import 'reflect-metadata';
import type { Logger } from '@nestjs/common';
import type { RequestedSettings } from './config/settings.js';
import { greeting } from './platform/greeting.js';
import { startPlatform, type Platform } from './platform/platform.js';
import { runProgram } from './platform/run-program.js';

/** What is to be stopped, application first; the platform perhaps before it has come up. */
const running: { application?: () => Promise<void>; platform?: Promise<Platform> } = {};

async function start(requested: RequestedSettings, logger: Logger): Promise<void> {
  // The application's code loads while Postgres and broker start.
  running.platform = startPlatform(requested, logger);
  const [platform, { startApp, stopApp, urlOf }] = await Promise.all([
    running.platform,
    import('./app.js'),
  ]);
  const app = await startApp(platform.settings);
  running.application = () => stopApp(app);
  announce(requested, platform, urlOf(app));
}

/** Tells the parent that forked this process where it listens, or else the person at the terminal. */
function announce(requested: RequestedSettings, platform: Platform, url: string): void {
  if (process.send !== undefined) {
    process.send({ url });
    return;
  }
  const text = greeting({
    url,
    requested,
    brokers: platform.settings.kafka.brokers,
    newAdminKey: platform.adminKeyCreated ? platform.settings.adminKey : undefined,
    startedInMs: process.uptime() * 1_000,
  });
  process.stdout.write(text);
}

await runProgram({
  start,
  stop: async () => {
    await running.application?.();
    const platform = await running.platform?.catch(() => undefined);
    await platform?.stop();
  },
});
