import { isInteger, isPlainText, isTimestamp, isUri, isUriReference } from './attribute-values.js';
import {
  AttributeInvalid,
  AttributeNameInvalid,
  SpecversionUnsupported,
  type EventError,
} from './event.errors.js';

const mediaType = /^[\w!#$&^.+'*`|~%-]+\/[\w!#$&^.+'*`|~%-]+(?:\s*;.*)?$/;

const isMediaType = (text: string): boolean => text === 'application/json' || mediaType.test(text);

const invalid = (name: string, rule: string): EventError =>
  new AttributeInvalid(`Attribute "${name}" must be ${rule}.`, { attribute: name });

interface TextRule {
  readonly ok: (text: string) => boolean;
  readonly rule: string;
}

const anyText: TextRule = { ok: () => true, rule: '' };

/** Attributes that are non-empty strings, and the rule of each beyond that. */
const textRules: ReadonlyMap<string, TextRule> = new Map([
  ['id', anyText],
  ['source', { ok: isUriReference, rule: 'a URI-reference (RFC 3986)' }],
  ['type', anyText],
  ['subject', anyText],
  ['time', { ok: isTimestamp, rule: 'a date-time as in RFC 3339' }],
  ['datacontenttype', { ok: isMediaType, rule: 'a media type (RFC 2046)' }],
  ['dataschema', { ok: isUri, rule: 'an absolute URI (RFC 3986)' }],
  ['partitionkey', anyText],
  ['tenant', anyText],
]);

const stringFault = (name: string, value: string): EventError | undefined => {
  if (!isPlainText(value)) return invalid(name, 'text without control characters');
  const rule = textRules.get(name);
  if (rule === undefined) return undefined;
  if (value === '') return invalid(name, 'a non-empty string');
  return rule.ok(value) ? undefined : invalid(name, rule.rule);
};

const nameCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);

/** Whether a name is CloudEvents': lower-case letters and digits, and not the reserved `data`. */
export const isAttributeName = (name: string): boolean => {
  if (name === '' || name === 'data') return false;
  for (let index = 0; index < name.length; index += 1)
    if (!nameCode(name.charCodeAt(index))) return false;
  return true;
};

/** What is wrong with an attribute as CloudEvents 1.0 rules, or undefined. */
export const attributeFault = (name: string, value: unknown): EventError | undefined => {
  if (!isAttributeName(name))
    return new AttributeNameInvalid(
      `"${name}" is no attribute name: it must consist of a-z and 0-9 and not be "data".`,
      { attribute: name },
    );
  if (name === 'specversion')
    return value === '1.0'
      ? undefined
      : new SpecversionUnsupported('Only specversion "1.0" is supported.', { specversion: value });
  if (typeof value === 'string') return stringFault(name, value);
  if (textRules.has(name)) return invalid(name, 'a string');
  const fits = typeof value === 'boolean' || (typeof value === 'number' && isInteger(value));
  return fits ? undefined : invalid(name, 'a string, a boolean or a 32-bit integer');
};
