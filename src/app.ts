import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import { errorCode } from './common/errors/error-code.js';
import { configureHttp } from './common/http/configure-http.js';
import { httpAdapter } from './common/http/http-adapter.js';
import type { Settings } from './config/settings.js';
import { StartRefused } from './config/start-refused.js';
import { connectTransports, startTransports } from './kafka/transport/connect-transports.js';
import { ApplicationLogger } from './platform/application-logger.js';
import { watchSilentConnections } from './platform/silent-connections.js';

const IDLE_SWEEP_MS = 50;
/** Longer than a publish may take; then who still sends a request is not waited for. */
const STRAGGLERS_MS = 10_000;
const closeSilent = new WeakMap<NestFastifyApplication, () => void>();

/**
 * Composes the application from the chosen modules: databases are migrated and open, nothing
 * listens yet, neither on HTTP nor on Kafka.
 */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    await AppModule.compose(settings),
    httpAdapter(),
    { logger: new ApplicationLogger(settings.logLevel), abortOnError: false },
  );
  configureHttp(app, settings.logLevel === 'debug' || settings.logLevel === 'trace');
  connectTransports(app);
  closeSilent.set(app, watchSilentConnections(fastifyOf(app).server));
  return app;
}

async function listen(app: NestFastifyApplication, { http }: Settings): Promise<void> {
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EADDRINUSE') {
      throw new StartRefused(
        `Port ${http.port} of ${http.host} is taken by another program. Set MILLRACE_HTTP_PORT to a free port (0: any).`,
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartRefused(`MILLRACE_HTTP_HOST ${http.host} is no address of this machine.`);
    }
    throw error;
  }
}

/** Composes and starts the application; it is ready for requests when this resolves. */
export async function startApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await createApp(settings);
  try {
    await app.init();
    await startTransports(app);
    await listen(app, settings);
    return app;
  } catch (error) {
    await stopApp(app);
    throw error;
  }
}

const fastifyOf = (app: NestFastifyApplication): FastifyInstance =>
  app.getHttpAdapter().getInstance() as unknown as FastifyInstance;

/** Where the application listens: `http://127.0.0.1:8080`. */
export function urlOf(app: NestFastifyApplication): string {
  const [address] = fastifyOf(app).addresses();
  if (address === undefined || typeof address === 'string') {
    throw new Error('the application does not listen on a port');
  }
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/**
 * Drains: new connections are refused at once; then, by Nest's hooks, streams end
 * (`onModuleDestroy`), Kafka messages in hand are handled and committed
 * (`beforeApplicationShutdown`), requests in flight are answered, outboxes relayed, and at last log
 * and databases closed (`onApplicationShutdown`).
 */
export async function stopApp(app: NestFastifyApplication): Promise<void> {
  const fastify = fastifyOf(app);
  // A connection whose request is answered while closing would else stay for its keep-alive time.
  const sweep = setInterval(() => {
    fastify.server.closeIdleConnections();
    closeSilent.get(app)?.();
  }, IDLE_SWEEP_MS);
  // Node times out no half-sent request any more once the server closes.
  const cut = setTimeout(() => fastify.server.closeAllConnections(), STRAGGLERS_MS);
  try {
    await Promise.all([fastify.close(), app.close()]);
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
