import { fromRecord } from '../../events/codec/kafka-binding.js';
import type { LogRecord } from '../../kafka/log/event-log.js';
import { ReadEvent } from './read-event.js';

/** A record that lies in a large answer until it is detached. */
function recordIn(value: string, contentType: string) {
  const answer = Buffer.alloc(1_000_000);
  answer.write(value, 500_000);
  let source = answer.subarray(500_000, 500_000 + value.length);
  const record: LogRecord = {
    topic: 't',
    partition: 0,
    offset: 3,
    timestamp: 0,
    leaderEpoch: 0,
    key: null,
    get value() {
      return source;
    },
    headers: [{ name: 'content-type', value: Buffer.from(contentType) }],
    bytes: value.length,
    detach: () => {
      source = Buffer.from(source);
    },
  };
  return { record, answer };
}

describe('an event that was read', () => {
  it.each([
    ['application/json', '{"total":1}', 'json'],
    ['text/plain', 'some text', 'text'],
    ['application/octet-stream', 'bytes', 'bytes'],
    [
      'application/cloudevents+json',
      '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1}}',
      'json',
    ],
  ])('lets go of the answer that it came in, and says the same: %s', (type, value, kind) => {
    const { record, answer } = recordIn(value, type);
    const before = fromRecord(record);
    const read = ReadEvent.of(record);
    expect([read.event.data!.kind, read.messageId]).toEqual([kind, expect.any(String)]);
    const { messageId } = read;
    read.detach();
    const { data, ...attributes } = read.event;
    expect(data!.bytes.buffer).not.toBe(answer.buffer);
    expect([data!.kind, data!.value]).toEqual([before.data!.kind, before.data!.value]);
    expect(attributes).toEqual({ ...before, data: undefined });
    expect(read.messageId).toBe(messageId);
  });

  it('that nobody has looked at yet is read from what it keeps', () => {
    const { record, answer } = recordIn('{"total":1}', 'application/json');
    const read = ReadEvent.of(record);
    read.detach();
    expect(read.event.data!.bytes.buffer).not.toBe(answer.buffer);
    expect(read.event.data!.value).toEqual({ total: 1 });
  });
});
