import type { ServerResponse } from 'node:http';

import type { EndReason } from '../reading/reader-items.js';
import type { Reader } from '../reading/reader.js';
import type { StreamLimits } from '../reading/stream-limits.js';
import type { StreamFormat } from './stream-format.js';

/**
 * Writes a reader's items to a connection until either ends. The next slice is pulled only when the
 * socket has taken the last one, so a slow client holds memory for two batches at most; one that
 * takes nothing for a long time is cut off.
 */
export async function serveStream(
  response: ServerResponse,
  reader: Reader,
  format: StreamFormat,
  limits: StreamLimits,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => gone.abort());
  // It may have hung up while its reader was opened.
  if (response.destroyed) gone.abort();
  response.writeHead(200, {
    'content-type': format.contentType,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  if (format.opening !== '') response.write(format.opening);
  const ended = await pump(response, reader, format, limits, gone.signal);
  if (ended === 'slow') response.destroy();
  else if (!gone.signal.aborted) response.end(format.end(ended));
}

async function pump(
  response: ServerResponse,
  reader: Reader,
  format: StreamFormat,
  limits: StreamLimits,
  gone: AbortSignal,
): Promise<EndReason> {
  const options = {
    maxEvents: limits.batchEvents,
    maxBytes: limits.batchBytes,
    waitMs: limits.heartbeatMs,
    signal: gone,
  };
  for (;;) {
    const { items, cursor, ended } = await reader.pull(options);
    if (gone.aborted) return 'closed';
    const text = items.map((item) => format.item(item)).join('');
    if (ended === undefined || text !== '') {
      const taken = response.write(text === '' ? format.heartbeat(cursor) : text);
      if (!taken && !(await drained(response, limits.stallMs, gone)))
        return gone.aborted ? 'closed' : 'slow';
    }
    if (ended !== undefined) return ended;
  }
}

/** @returns false when the client took nothing in time, or is gone */
function drained(response: ServerResponse, ms: number, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (taken: boolean) => (): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      gone.removeEventListener('abort', onGone);
      resolve(taken);
    };
    const onDrain = finish(true);
    const onGone = finish(false);
    const timer = setTimeout(onGone, ms);
    response.once('drain', onDrain);
    gone.addEventListener('abort', onGone, { once: true });
  });
}
