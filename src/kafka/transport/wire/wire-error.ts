import type { ErrorKind } from '../../../common/errors/millrace-error.js';
import { visibleError } from '../../../common/http/problem.js';
import type { ErrorOnWire } from '../transport.errors.js';

/** An error as the other side may see it: unexpected ones tell nothing of the inside. */
export function toErrorOnWire(error: unknown): ErrorOnWire {
  const { code, kind, message, details } = visibleError(error);
  return { code, kind, message, details };
}

const isText = (value: unknown): value is string => typeof value === 'string';

function parse(text: string): Partial<ErrorOnWire> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

const foreignKind: ErrorKind = 'internal';

/** Reads an error out of a reply's header; text of a foreign service becomes the message. */
export function parseErrorOnWire(text: string): ErrorOnWire {
  const { code, kind, message, details } = parse(text);
  return isText(code) && isText(kind) && isText(message)
    ? { code, kind, message, details: details ?? {} }
    : { code: 'INTERNAL.UNEXPECTED', kind: foreignKind, message: text, details: {} };
}
