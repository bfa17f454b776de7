import type { DestinationStream } from 'pino';

const COLOURS: Readonly<Record<number, string>> = {
  10: '\u001B[90mtrace',
  20: '\u001B[90mdebug',
  30: '\u001B[32m info',
  40: '\u001B[33m warn',
  50: '\u001B[31merror',
  60: '\u001B[35mfatal',
};
const PLAIN = '\u001B[0m';

interface Line {
  readonly level: number;
  readonly time: number;
  readonly context?: string;
  readonly msg?: string;
  readonly stack?: string;
  readonly err?: { readonly stack?: string };
  readonly [field: string]: unknown;
}

/** One JSON line of pino as a person reads it: time, level, context, message, other fields. */
export function readableLine(json: string): string {
  const { level, time, context, msg, stack, err, ...fields } = JSON.parse(json) as Line;
  const clock = new Date(time).toISOString().slice(11, 23);
  const where = context ? ` [${context}]` : '';
  const more = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  const trace = [stack, err?.stack].filter(Boolean).map((each) => `\n${each}`);
  return `${clock} ${COLOURS[level] ?? level}${PLAIN}${where} ${msg ?? ''}${more}${trace.join('')}\n`;
}

/** A destination for pino that writes readable lines. */
export const readableStream = (out: { write(text: string): unknown }): DestinationStream => ({
  write: (json) => {
    out.write(readableLine(json));
  },
});
