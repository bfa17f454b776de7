/** A reader of a stream subscription over Server-Sent Events, with nothing but fetch. */

/** What each message of an event stream carries (WHATWG HTML, section 9.2). */
async function* messages(body) {
  let buffered = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    buffered += chunk;
    const blocks = buffered.split('\n\n');
    buffered = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        }),
      );
      // Messages about the stream itself have a name; those with events have none.
      if (fields.data && !fields.event) yield JSON.parse(fields.data);
    }
  }
}

/**
 * Reads a stream until `isDone`, or until nothing has come for 20 s.
 * @param onEvent called with each CloudEvent as it arrives
 */
export function readStream(millrace, stream, { from, isDone, onEvent }) {
  const hangUp = new AbortController();
  let open;
  const opened = new Promise((resolve, reject) => {
    open = { resolve, reject };
  });

  async function read() {
    const answer = await fetch(`${millrace.url}/v1/streams/${stream}/events?from=${from}`, {
      headers: { authorization: `Bearer ${millrace.key}`, accept: 'text/event-stream' },
      signal: hangUp.signal,
    });
    if (!answer.ok) throw new Error(`${stream}: ${answer.status} ${await answer.text()}`);
    open.resolve();
    const patience = setTimeout(() => hangUp.abort(), 20_000);
    for await (const { event } of messages(answer.body)) {
      onEvent(event);
      if (isDone()) break;
      patience.refresh();
    }
    clearTimeout(patience);
    hangUp.abort();
  }

  const done = read().catch((error) => {
    open.reject(error);
    if (error.name !== 'AbortError') throw error;
  });
  return { opened, done };
}
