import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';

import type { Pulled } from '../reading/reader-items.js';
import type { Reader } from '../reading/reader.js';
import { defaultStreamLimits } from '../reading/stream-limits.js';
import { serveStream } from './stream-connection.js';
import { ndjson, negotiate, serverSentEvents } from './stream-format.js';

/** A connection whose client takes nothing until it is read. */
class Connection extends PassThrough {
  constructor() {
    super({ highWaterMark: 64 });
  }
  writeHead(): this {
    return this;
  }
  flushHeaders(): void {
    this.emit('headers');
  }
  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

const gap = { kind: 'control', name: 'gap', body: { reason: 'expired' }, cursor: 'c1' } as const;

/** A reader that always has something, and counts how often it is asked. */
function busyReader(endAfter = Infinity) {
  const state = { pulls: 0 };
  const reader = {
    pull: async (): Promise<Pulled> => {
      state.pulls += 1;
      const ended = state.pulls > endAfter ? 'deleted' : undefined;
      return { items: ended ? [] : [gap], cursor: 'c1', ended };
    },
  } as unknown as Reader;
  return { state, reader };
}

describe('a stream on a connection', () => {
  it('stops pulling while the client takes nothing, and cuts it off in the end', async () => {
    const { state, reader } = busyReader();
    const connection = new Connection();
    const limits = { ...defaultStreamLimits, stallMs: 20 };
    await serveStream(connection.response, reader, serverSentEvents, limits);
    expect(connection.destroyed).toBe(true);
    expect(state.pulls).toBeLessThan(5);
  });

  it('ends with the reason', async () => {
    const { reader } = busyReader(2);
    const connection = new Connection();
    let text = '';
    connection.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await serveStream(connection.response, reader, serverSentEvents, defaultStreamLimits);
    const message = 'id: c1\nevent: gap\ndata: {"reason":"expired"}\n\n';
    expect(text).toBe(
      `retry: 1000\n\n${message}${message}event: end\ndata: {"reason":"deleted"}\n\n`,
    );
  });

  it('does not begin for a client that hung up before', async () => {
    const { state, reader } = busyReader();
    const connection = new Connection();
    connection.on('error', () => undefined);
    const closed = new Promise((resolve) => connection.once('close', resolve));
    connection.destroy();
    await closed;
    await serveStream(connection.response, reader, ndjson, defaultStreamLimits);
    expect(state.pulls).toBeLessThan(2);
  });

  it('stops when the client hangs up', async () => {
    const { state, reader } = busyReader();
    const connection = new Connection();
    const served = serveStream(connection.response, reader, ndjson, defaultStreamLimits);
    connection.destroy();
    await served;
    expect(state.pulls).toBeLessThan(5);
  });
});

describe('the format', () => {
  it.each([
    [undefined, 'poll'],
    ['*/*', 'poll'],
    ['text/event-stream', 'sse'],
    ['application/x-ndjson; q=0.9, */*', 'ndjson'],
    ['text/html', undefined],
  ])('for Accept %s is %s', (accept, kind) => {
    expect(negotiate(accept)).toBe(kind);
  });
});
