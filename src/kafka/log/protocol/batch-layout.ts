/** Byte positions of a record batch, format v2 (Kafka protocol guide, "Record Batch"). */
export const batchLayout = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bytes before what `batchLength` counts: base offset and the length itself. */
export const BATCH_PREFIX_BYTES = 12;

/** Bits of a batch's attributes. */
export const batchAttributes = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;
