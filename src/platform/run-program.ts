import { Logger } from '@nestjs/common';
import { loadSettings } from '../config/load-settings.js';
import type { RequestedSettings } from '../config/settings.js';
import { StartRefused } from '../config/start-refused.js';
import { ApplicationLogger } from './application-logger.js';
import { drainOnSignals, endOnUncaughtErrors } from './shutdown-signals.js';

/** What a program of Millrace's does between its settings and its end. */
export interface Program {
  /** Resolves when it is ready. */
  start(requested: RequestedSettings, logger: Logger): Promise<void>;
  /** Ends in order what runs, however far `start` has come. */
  stop(): Promise<void>;
}

async function refuse(error: unknown, program: Program, logger: Logger): Promise<never> {
  if (error instanceof StartRefused) process.stderr.write(`millrace: ${error.message}\n`);
  else logger.fatal(error instanceof Error ? error : String(error));
  await program.stop();
  process.exit(1);
}

/**
 * Runs a program on the process's environment: settings read and checked, logging by level, signals
 * that drain. A reason not to start is one line on standard error, and exit code 1.
 */
export async function runProgram(program: Program): Promise<void> {
  const logger = new Logger('Millrace');
  try {
    const { settings, warnings } = loadSettings(process.env);
    Logger.overrideLogger(new ApplicationLogger(settings.logLevel));
    endOnUncaughtErrors((error, origin) => logger.fatal(error, origin));
    drainOnSignals({
      drain: async (reason) => {
        logger.log(`Draining after ${reason}`);
        await program.stop();
      },
      onForced: (reason) => logger.error(`Ended without draining: ${reason}`),
    });
    for (const warning of warnings) logger.warn(warning);
    await program.start(settings, logger);
  } catch (error) {
    await refuse(error, program, logger);
  }
}
