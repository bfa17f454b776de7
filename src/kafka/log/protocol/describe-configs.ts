import { Writer } from '@platformatic/kafka';

import type { WireApi } from '../network/wire-api.js';
import { FieldCursor } from './field-cursor.js';

/** A topic's configs, or why Kafka does not tell. */
export interface ConfigsAnswer {
  readonly errorCode: number;
  readonly errorMessage: string;
  /** Effective values, those of the broker's defaults included. */
  readonly configs: Readonly<Record<string, string>>;
}

const TOPIC = 2;

const readConfig = (cursor: FieldCursor): [string, string | undefined] => {
  const name = cursor.text();
  const value = cursor.bytes(cursor.int16())?.toString('utf8');
  cursor.int8(); // read only
  cursor.int8(); // source
  cursor.int8(); // sensitive
  cursor.array(() => {
    cursor.text();
    cursor.text();
    return cursor.int8();
  });
  return [name, value];
};

/**
 * DescribeConfigs of one topic, version 1. Own code because the driver's version 2 reads two fields
 * that only version 3 has, and so fails on every answer.
 */
export const describeConfigsApi: WireApi<string, ConfigsAnswer> = {
  key: 32,
  version: 1,
  flexible: false,
  write: (topic) =>
    Writer.create()
      .appendInt32(1)
      .appendInt8(TOPIC)
      .appendString(topic, false)
      .appendInt32(-1) // every config
      .appendBoolean(false), // no synonyms
  read: (bytes) => {
    const cursor = new FieldCursor(bytes);
    cursor.int32(); // throttle time
    cursor.int32(); // one result
    const errorCode = cursor.int16();
    const errorMessage = cursor.text();
    cursor.int8();
    cursor.text();
    const entries = cursor.array(() => readConfig(cursor));
    const configs = Object.fromEntries(
      entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return { errorCode, errorMessage, configs };
  },
};
