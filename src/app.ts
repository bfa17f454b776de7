import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import { configureHttp } from './common/http/configure-http.js';
import { httpAdapter } from './common/http/http-adapter.js';
import { PinoLogger } from './common/logging/pino-logger.service.js';
import type { Settings } from './config/settings.js';

/**
 * Composes the application from the chosen modules: databases are migrated and open, nothing
 * listens yet, neither on HTTP nor on Kafka.
 */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    await AppModule.compose(settings),
    httpAdapter(),
    { logger: new PinoLogger(settings.logLevel), abortOnError: false },
  );
  configureHttp(app);
  return app;
}

/** Composes and starts the application; it is ready for requests when this resolves. */
export async function startApp(settings: Settings): Promise<NestFastifyApplication> {
  const app = await createApp(settings);
  try {
    await app.init();
    await app.listen(settings.http.port, settings.http.host);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Where the application listens: `http://127.0.0.1:8080`. */
export function urlOf(app: NestFastifyApplication): string {
  const address = app.getHttpAdapter().getInstance<FastifyInstance>().addresses()[0];
  if (address === undefined) throw new Error('the application does not listen');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

/**
 * Drains: no new connections, requests in flight are finished and streams ended, Kafka messages in
 * flight handled and committed, outboxes relayed, then log and databases closed.
 */
export async function stopApp(app: NestFastifyApplication): Promise<void> {
  await app.close();
}
