import { PinoLogger } from '../common/logging/pino-logger.service.js';

/** Where Nest tells of each module, route and pattern that it has set up. */
const nestContexts: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** The application's log, with Nest's account of its own start only at level debug. */
export class ApplicationLogger extends PinoLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (nestContexts.has(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
