import { type BatchHeader, hasLogAppendTime } from './batch-header.js';
import { CorruptRecords } from './records.errors.js';
import { VarintReader } from './varint.js';

/**
 * Goes over the records of a batch without making an object for any: a few compressed bytes may
 * stand for very many. What it tells is of the record at hand.
 */
export class RecordCursor {
  /** Where it lies in `bytes`, with its length. */
  start = 0;
  end = 0;
  /** Bytes of its key; -1 for null. */
  keyLength = -1;

  private readonly reader: VarintReader;
  private count = 0;
  private timestampDelta = 0;
  private offsetDelta = -1;
  private keyEnd = 0;
  private valueLength = -1;
  private valueEnd = 0;

  /** @param bytes the records, not compressed */
  constructor(
    private readonly header: BatchHeader,
    readonly bytes: Buffer,
  ) {
    this.reader = new VarintReader(bytes);
  }

  get offset(): number {
    return this.header.baseOffset + this.offsetDelta;
  }

  /** Its time by its sender, Unix ms. */
  get sentAt(): number {
    return this.header.baseTimestamp + this.timestampDelta;
  }

  /** Its time, Unix ms; the broker's under LogAppendTime. */
  get timestamp(): number {
    return hasLogAppendTime(this.header) ? this.header.maxTimestamp : this.sentAt;
  }

  get hasKey(): boolean {
    return this.keyLength !== -1;
  }

  get hasValue(): boolean {
    return this.valueLength !== -1;
  }

  /** A slice, not a copy. */
  get key(): Buffer | null {
    return this.hasKey ? this.bytes.subarray(this.keyEnd - this.keyLength, this.keyEnd) : null;
  }

  /** Its key, which is not null, as text with a character for each byte. */
  keyText(): string {
    return this.bytes.toString('latin1', this.keyEnd - this.keyLength, this.keyEnd);
  }

  /** A slice, not a copy. */
  get value(): Buffer | null {
    const { bytes, valueEnd, valueLength } = this;
    return this.hasValue ? bytes.subarray(valueEnd - valueLength, valueEnd) : null;
  }

  /** Its headers as they are written, behind their number; they have not been looked at. */
  get headerBytes(): Buffer {
    return this.bytes.subarray(this.valueEnd, this.end);
  }

  /**
   * Goes to the next record; false after the last one.
   * @throws CorruptRecords when it is not whole, the records are not as many as the header says, or
   *   their offsets do not rise, up to the header's last at most
   */
  next(): boolean {
    const { header, reader } = this;
    const start = this.end;
    reader.position = start;
    if (this.count >= header.recordCount) {
      if (reader.remaining !== 0) throw new CorruptRecords('there are bytes after the last record');
      return false;
    }
    const length = reader.varint();
    const end = reader.position + length;
    if (length < 0 || end > this.bytes.length) throw new CorruptRecords('a record is not whole');
    reader.skip(1);
    this.timestampDelta = reader.varlong();
    const offsetDelta = reader.varint();
    if (offsetDelta <= this.offsetDelta || offsetDelta > header.lastOffsetDelta) {
      throw new CorruptRecords('offsets within a batch do not rise');
    }
    this.offsetDelta = offsetDelta;
    this.keyLength = reader.skipNullableBytes();
    this.keyEnd = reader.position;
    this.valueLength = reader.skipNullableBytes();
    this.valueEnd = reader.position;
    if (reader.position > end) throw new CorruptRecords('a field ends past its record');
    this.start = start;
    this.end = end;
    this.count += 1;
    return true;
  }

  /** Passes over its headers. @throws CorruptRecords when they do not end where it does */
  checkHeaders(): void {
    const { reader, end } = this;
    reader.position = this.valueEnd;
    const count = reader.varint();
    if (count < 0 || count > end - reader.position) {
      throw new CorruptRecords(`${count} record headers`);
    }
    for (let index = 0; index < count; index += 1) {
      reader.skip(reader.varint());
      reader.skipNullableBytes();
    }
    if (reader.position !== end) throw new CorruptRecords('a record is not as long as it says');
  }
}
