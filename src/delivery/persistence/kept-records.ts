import type { EntityManager } from 'typeorm';

import type { ExceptionName, KeptRecord } from '../core/checkpoint.js';

/** Bytes of records that one statement takes: no round trip blocks the process for long. */
const STATEMENT_BYTES = 16 * 1024 * 1024;

/** Cuts a list into parts whose records fit into a statement. */
export function* statementParts<T extends { readonly record: KeptRecord | null }>(
  items: readonly T[],
): Generator<readonly T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = item.record === null ? 0 : sizeOf(item.record);
    if (part.length > 0 && bytes + size > STATEMENT_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

const sizeOf = ({ key, value, headers }: KeptRecord): number =>
  (key?.length ?? 0) +
  (value?.length ?? 0) +
  headers.reduce((sum, header) => sum + header.name.length + header.value.length, 0);

/** The columns of a row that keep its record; all null: none is kept. Headers are [name, base64]. */
export interface RecordColumns {
  readonly record_key: Buffer | null;
  readonly record_value: Buffer | null;
  readonly record_headers: readonly (readonly [string, string])[] | null;
  readonly record_timestamp: string | null;
}

/** For SELECT; rows of exceptions are `e`. */
export const RECORD_COLUMNS =
  'e.record_key, e.record_value, e.record_headers, e.record_timestamp' as const;

/**
 * Records as parameters of an INSERT. Values travel as one binary parameter, of which each row takes
 * its part: in an array they would be text of twice the size, made and read byte by byte.
 */
export const recordParameters = (
  records: readonly (KeptRecord | null)[],
): [
  keys: (Buffer | null)[],
  headers: (string | null)[],
  timestamps: (number | null)[],
  valueStarts: number[],
  valueSizes: (number | null)[],
  values: Buffer,
] => [
  records.map((record) => record?.key ?? null),
  records.map((record) => (record === null ? null : headersText(record))),
  records.map((record) => (record === null ? null : storableTime(record))),
  startsOf(records),
  records.map((record) => record?.value?.length ?? null),
  Buffer.concat(records.flatMap((record) => record?.value ?? [])),
];

/**
 * Any producer may write any time; as a number, the last one is beyond what a bigint takes. Nothing
 * is lost: beyond these bounds no time is a date.
 */
const storableTime = ({ timestamp }: KeptRecord): number =>
  Math.min(Math.max(timestamp, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** Where each value begins among all of them, from 1 as SQL counts. */
function startsOf(records: readonly (KeptRecord | null)[]): number[] {
  let start = 1;
  return records.map((record) => {
    const here = start;
    start += record?.value?.length ?? 0;
    return here;
  });
}

const headersText = ({ headers }: KeptRecord): string =>
  JSON.stringify(headers.map(({ name, value }) => [name, value.toString('base64')]));

/** The record that a row keeps. */
export const recordOf = (row: RecordColumns): KeptRecord | undefined =>
  row.record_headers === null
    ? undefined
    : {
        key: row.record_key,
        value: row.record_value,
        headers: row.record_headers.map(([name, value]) => ({
          name,
          value: Buffer.from(value, 'base64'),
        })),
        timestamp: Number(row.record_timestamp),
      };

/** Records of a partition's exceptions in the order of the names; undefined: none is kept. */
export async function keptRecords(
  manager: EntityManager,
  partition: number,
  names: readonly ExceptionName[],
): Promise<readonly (KeptRecord | undefined)[]> {
  const rows = await manager.query<RecordColumns[]>(
    `SELECT ${RECORD_COLUMNS}
     FROM unnest($2::uuid[], $3::text[], $4::bigint[])
         WITH ORDINALITY AS n (subscription_uid, topic_id, "offset", place)
       LEFT JOIN exceptions e ON e.subscription_uid = n.subscription_uid
         AND e.topic_id = n.topic_id AND e.partition = $1 AND e."offset" = n."offset"
     ORDER BY n.place`,
    [
      partition,
      names.map(({ subscriptionUid }) => subscriptionUid),
      names.map(({ topicId }) => topicId),
      names.map(({ offset }) => offset),
    ],
  );
  return rows.map(recordOf);
}
