import { envelopeOf } from '../domain/event-envelope.js';
import type { EndReason, ReaderItem } from '../reading/reader-items.js';

/** How a stream is written on a connection. */
export interface StreamFormat {
  readonly contentType: string;
  /** Sent before anything else. */
  readonly opening: string;
  item(item: ReaderItem): string;
  /** Shows that the connection lives, and brings the client's cursor forward. */
  heartbeat(cursor: string): string;
  end(reason: EndReason): string;
}

/** Ends after which the client shall come back rather than believe that all is over. */
const temporary: ReadonlySet<EndReason> = new Set(['shutdown', 'slow', 'closed']);

/**
 * Server-Sent Events. Events have no `event:` field, so that `onmessage` gets them; messages about
 * the stream have one. A block with an `id:` and no data moves Last-Event-ID without an event.
 */
export const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: 'retry: 1000\n\n',
  item: (item) =>
    item.kind === 'event'
      ? `id: ${item.cursor}\ndata: ${envelopeOf(item.event, item.place)}\n\n`
      : `id: ${item.cursor}\nevent: ${item.name}\ndata: ${JSON.stringify(item.body)}\n\n`,
  heartbeat: (cursor) => `: alive\nid: ${cursor}\n\n`,
  end: (reason) =>
    temporary.has(reason)
      ? `: ${reason}\n\n`
      : `event: end\ndata: ${JSON.stringify({ reason })}\n\n`,
};

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Newline-delimited JSON: lines with `event`, and lines with `control` about the stream. */
export const ndjson: StreamFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  opening: '',
  item: (item) =>
    item.kind === 'event'
      ? `${envelopeOf(item.event, item.place, `"cursor":"${item.cursor}",`)}\n`
      : line({ cursor: item.cursor, control: item.name, ...item.body }),
  heartbeat: (cursor) => line({ cursor, control: 'heartbeat' }),
  end: (reason) => line({ control: 'end', reason, retry: temporary.has(reason) }),
};

/** What a client can be given. */
export type StreamKind = 'sse' | 'ndjson' | 'poll';

const kinds: Readonly<Record<string, StreamKind>> = {
  'text/event-stream': 'sse',
  'application/x-ndjson': 'ndjson',
  'application/json': 'poll',
  'application/*': 'poll',
  '*/*': 'poll',
};

/**
 * The first offered format in an Accept header; without a header a long poll.
 * @returns undefined when the client accepts none of them
 */
export function negotiate(accept: string | undefined): StreamKind | undefined {
  if (accept === undefined || accept.trim() === '') return 'poll';
  const types = accept.split(',').map((part) => part.split(';', 1)[0]!.trim().toLowerCase());
  return types.map((type) => kinds[type]).find((kind) => kind !== undefined);
}
