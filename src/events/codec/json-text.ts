/** Writes the CloudEvents JSON event format. */
import { knownAttributes, type CloudEvent } from '../cloud-event.js';

/** All attributes that are set, known ones first, as members of the JSON format. */
const attributesOf = (event: CloudEvent): Record<string, unknown> => {
  const json: Record<string, unknown> = {};
  for (const name of knownAttributes) if (event[name] !== undefined) json[name] = event[name];
  for (const name of Object.keys(event.extensions)) json[name] = event.extensions[name];
  return json;
};

/**
 * An event as an object in JSON format: JSON and text as `data`, other bytes as `data_base64`.
 * Numbers in the payload are JavaScript's; `toJsonText` keeps them as they were written.
 */
export const toJsonEvent = (event: CloudEvent): Record<string, unknown> => {
  const json = attributesOf(event);
  if (event.data === undefined) return json;
  if (event.data.kind === 'bytes') json['data_base64'] = event.data.bytes.toString('base64');
  else json['data'] = event.data.value;
  return json;
};

const dataMember = (event: CloudEvent): string => {
  const { data } = event;
  if (data === undefined) return '';
  switch (data.kind) {
    case 'json':
      return `,"data":${data.bytes.toString('utf8')}`;
    case 'text':
      return `,"data":${JSON.stringify(data.value)}`;
    case 'bytes':
      return `,"data_base64":"${data.bytes.toString('base64')}"`;
  }
};

/**
 * An event as text in JSON format, its payload exactly as it was sent.
 * @param singleLine replaces line ends between the payload's JSON tokens by spaces, for formats
 *   in which a line end ends the event (NDJSON, SSE); strings hold none, so no value changes
 */
export const toJsonText = (event: CloudEvent, { singleLine = false } = {}): string => {
  const attributes = JSON.stringify(attributesOf(event));
  const member = dataMember(event);
  const data = singleLine && /[\r\n]/.test(member) ? member.replace(/[\r\n]+/g, ' ') : member;
  return `${attributes.slice(0, -1)}${data}}`;
};
