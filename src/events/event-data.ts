import { isUtf8 } from 'node:buffer';
import { contentClassOf } from './content-type.js';

/** How data is shown where a format must choose: as JSON, as a text, or as base64 of bytes. */
export type DataKind = 'json' | 'text' | 'bytes';

interface Reading {
  readonly kind: DataKind;
  readonly value: unknown;
}

const parseJson = (bytes: Buffer): Reading | undefined => {
  if (!isUtf8(bytes)) return undefined;
  try {
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    // Not JSON after all: the caller shows the same bytes in another way.
    return undefined;
  }
};

const asText = (bytes: Buffer): Reading | undefined =>
  isUtf8(bytes) ? { kind: 'text', value: bytes.toString('utf8') } : undefined;

const read = (bytes: Buffer, contentType: string | undefined): Reading => {
  const raw: Reading = { kind: 'bytes', value: bytes };
  switch (contentClassOf(contentType)) {
    case 'json':
      return parseJson(bytes) ?? raw;
    case 'text':
      return asText(bytes) ?? raw;
    case 'unknown':
      return parseJson(bytes) ?? raw;
    default:
      return raw;
  }
};

/**
 * An event's payload: bytes that travel unchanged, and on demand what they mean. Parsing happens
 * at the first look at `kind` or `value` and only once, so that an event whose payload nobody
 * looks at is never parsed.
 */
export class EventData {
  private judged: DataKind | undefined;

  private constructor(
    /** The payload exactly as it was sent. */
    readonly bytes: Buffer,
    private readonly contentType: string | undefined,
    private reading: Reading | undefined,
  ) {}

  /**
   * Bytes as they stand with the content type that came with them: JSON and text types are what
   * they say if the bytes bear it out; without a content type it is JSON when it parses. Never
   * throws, whatever the bytes.
   */
  static received(bytes: Buffer, contentType?: string): EventData {
    return new EventData(bytes, contentType, undefined);
  }

  /** JSON text that was parsed already: `value` must be what `bytes` mean. */
  static parsedJson(bytes: Buffer, value: unknown): EventData {
    return new EventData(bytes, undefined, { kind: 'json', value });
  }

  /** A JSON value that has no bytes yet (made in this process). */
  static json(value: unknown): EventData {
    return EventData.parsedJson(Buffer.from(JSON.stringify(value)), value);
  }

  /** Text, stored as UTF-8. */
  static text(value: string): EventData {
    return new EventData(Buffer.from(value), undefined, { kind: 'text', value });
  }

  /** The same payload in other memory. @param bytes equal to those that it has */
  movedTo(bytes: Buffer): EventData {
    const { reading } = this;
    const kept = reading?.kind === 'bytes' ? undefined : reading;
    return new EventData(bytes, this.contentType, kept);
  }

  /** How a format that has to choose shows this payload. */
  get kind(): DataKind {
    return this.read().kind;
  }

  /** `kind` for who passes the bytes on: what they mean is not kept in memory. */
  judgeKind(): DataKind {
    return this.reading?.kind ?? (this.judged ??= read(this.bytes, this.contentType).kind);
  }

  /** The parsed JSON value, the string, or the bytes, as `kind` says. */
  get value(): unknown {
    return this.read().value;
  }

  private read(): Reading {
    return (this.reading ??= read(this.bytes, this.contentType));
  }
}
