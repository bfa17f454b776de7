import type { MillraceClient } from './client.js';

/** One message of a text/event-stream; `comment` for the lines that begin with a colon. */
export interface SseMessage {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

function parseMessage(block: string): SseMessage {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const name = colon === 0 ? 'comment' : line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, '');
    fields[name] = name in fields ? `${fields[name]}\n${value}` : value;
  }
  return fields;
}

/** An open SSE connection that is read message by message (WHATWG HTML, section 9.2). */
export class SseConnection {
  private readonly decoder = new TextDecoder();
  private buffered = '';

  private constructor(
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
    private readonly controller: AbortController,
  ) {}

  /** Opens a stream; `query` begins with `?`. */
  static async open(
    client: MillraceClient,
    stream: string,
    options: { query?: string; lastEventId?: string; key?: string } = {},
  ): Promise<SseConnection> {
    const controller = new AbortController();
    const path = `/v1/streams/${stream}/events${options.query ?? ''}`;
    const answer = await fetch(client.installation.url('GET', path), {
      signal: controller.signal,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${options.key ?? client.installation.adminKey}`,
        ...(options.lastEventId ? { 'last-event-id': options.lastEventId } : {}),
      },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return new SseConnection(answer.body!.getReader(), controller);
  }

  /** The next message or comment; undefined when the server has ended the stream. */
  async next(): Promise<SseMessage | undefined> {
    for (;;) {
      const end = this.buffered.indexOf('\n\n');
      if (end >= 0) {
        const block = this.buffered.slice(0, end);
        this.buffered = this.buffered.slice(end + 2);
        return parseMessage(block);
      }
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.buffered += this.decoder.decode(value, { stream: true });
    }
  }

  /** The next messages that carry events, heartbeats and other news left out. */
  async events(count: number): Promise<readonly (SseMessage & { readonly data: string })[]> {
    const found: (SseMessage & { readonly data: string })[] = [];
    while (found.length < count) {
      const message = await this.next();
      if (!message) throw new Error(`the stream ended after ${found.length} of ${count} events`);
      const { data, event, id } = message;
      if (data !== undefined && id !== undefined && event === undefined)
        found.push({ ...message, data });
    }
    return found;
  }

  /** Hangs up, as a reader that goes away does. */
  close(): void {
    this.controller.abort();
  }
}

/** What a stream gives for each event. */
export interface Envelope {
  readonly messageId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly event: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** The events of messages, parsed. */
export const envelopes = (messages: readonly { readonly data: string }[]): readonly Envelope[] =>
  messages.map(({ data }) => JSON.parse(data) as Envelope);
