import type { LoggerService } from '@nestjs/common';
import { isError } from '../errors/is-error.js';
import { pino, type DestinationStream, type Level, type LevelWithSilent, type Logger } from 'pino';

import { readableStream } from './readable-stream.js';

/** What is never written down, wherever an object with it is logged. */
const SECRETS = ['authorization', 'key', 'secret', 'password', 'headers.authorization'];

interface Entry {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function entryOf(message: unknown): Entry {
  if (isError(message)) return { fields: { err: message }, text: message.message };
  if (typeof message === 'object' && message !== null) {
    const { message: text, ...fields } = message as Record<string, unknown>;
    return { fields, text: typeof text === 'string' ? text : '' };
  }
  return { fields: {}, text: String(message) };
}

/**
 * Nest's logger over pino: a JSON object per line, or readable lines when a person is looking.
 * Nest passes the context as the last argument, and for errors a stack before it.
 */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  /** @param stream where lines go; standard output when not given */
  constructor(level: LevelWithSilent, stream: DestinationStream = defaultStream()) {
    this.pino = pino({ level, base: undefined, redact: SECRETS }, stream);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { fields, text } = entryOf(message);
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    this.pino[level]({ context, ...(stack ? { stack } : {}), ...fields }, text);
  }
}

const defaultStream = (): DestinationStream =>
  process.stdout.isTTY ? readableStream(process.stdout) : pino.destination({ dest: 1, sync: true });
