/**
 * Header of a record batch, format v2 (Kafka protocol guide, "Record Batch"). Numbers are plain:
 * offsets and times are exact up to 2^53.
 */

/** Bytes of the fixed header, before the records. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before the part that `batchLength` counts. */
export const BATCH_LENGTH_OVERHEAD = 12;
/** First byte that the checksum covers. */
export const CRC_COVERS_FROM = 21;

const TWO_POW_63 = 2 ** 63;

/** Attribute bits. */
const CODEC_MASK = 0x07;
const TIMESTAMP_TYPE = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** A parsed batch header. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Whole size in bytes, header included. */
  readonly sizeBytes: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** Reads a 64 bit integer as a number. */
export function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/**
 * Writes a number as a 64 bit integer, and one that is out of its bounds as the bound: the largest
 * of them, which a producer may give as a time, is read as 2^63.
 */
export function writeLong(bytes: Buffer, value: number, at: number): void {
  if (value >= TWO_POW_63) {
    bytes.writeInt32BE(0x7fff_ffff, at);
    bytes.writeUInt32BE(0xffff_ffff, at + 4);
    return;
  }
  const bounded = Math.max(value, -TWO_POW_63);
  const high = Math.floor(bounded / 0x1_0000_0000);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(bounded - high * 0x1_0000_0000, at + 4);
}

/** Whole size of the batch that begins at `at`; needs 12 readable bytes. */
export function batchSizeAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at + 8) + BATCH_LENGTH_OVERHEAD;
}

/** Offset of the last record of the batch at `at`; needs 27 readable bytes. */
export function lastOffsetAt(bytes: Buffer, at: number): number {
  return readLong(bytes, at) + bytes.readInt32BE(at + 23);
}

/** Parses the header at `at`; the caller has made sure that 61 bytes are there. Checks nothing. */
export function parseBatchHeader(bytes: Buffer, at = 0): BatchHeader {
  const baseOffset = readLong(bytes, at);
  const lastOffsetDelta = bytes.readInt32BE(at + 23);
  return {
    baseOffset,
    sizeBytes: batchSizeAt(bytes, at),
    leaderEpoch: bytes.readInt32BE(at + 12),
    magic: bytes.readInt8(at + 16),
    crc: bytes.readUInt32BE(at + 17),
    attributes: bytes.readInt16BE(at + 21),
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: readLong(bytes, at + 27),
    maxTimestamp: readLong(bytes, at + 35),
    producerId: readLong(bytes, at + 43),
    producerEpoch: bytes.readInt16BE(at + 51),
    baseSequence: bytes.readInt32BE(at + 53),
    recordCount: bytes.readInt32BE(at + 57),
  };
}

/** Codec id of a batch (0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd). */
export function codecOf(header: BatchHeader): number {
  return header.attributes & CODEC_MASK;
}

/** Whether all records have the broker's time, which is the header's `maxTimestamp`. */
export function hasLogAppendTime(header: BatchHeader): boolean {
  return (header.attributes & TIMESTAMP_TYPE) !== 0;
}

/** Whether the batch belongs to a transaction. */
export function isTransactional(header: BatchHeader): boolean {
  return (header.attributes & TRANSACTIONAL) !== 0;
}

/** Whether the batch holds a transaction marker instead of a client's records. */
export function isControl(header: BatchHeader): boolean {
  return (header.attributes & CONTROL) !== 0;
}

/** Builds the attribute bits. */
export function attributesOf(flags: {
  readonly codec?: number;
  readonly logAppendTime?: boolean;
  readonly transactional?: boolean;
  readonly control?: boolean;
}): number {
  return (
    (flags.codec ?? 0) |
    (flags.logAppendTime === true ? TIMESTAMP_TYPE : 0) |
    (flags.transactional === true ? TRANSACTIONAL : 0) |
    (flags.control === true ? CONTROL : 0)
  );
}
