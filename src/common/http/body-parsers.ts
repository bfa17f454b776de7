import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ForbiddenKey, InvalidUtf8, MalformedJson } from './request-errors.js';

/** `application/json` and every `+json` type (RFC 6839). */
export const JSON_TYPE = /^application\/(?:[\w.!#$&^+-]+\+)?json(?:\s*;|$)/i;

/** Keys that JSON.parse makes but that change objects when copied, plain or written as escapes. */
const SUSPECT =
  /"(?:_|\\u005[fF])(?:_|\\u005[fF])(?:p|\\u0070)|"(?:c|\\u0063)(?:o|\\u006[fF])(?:n|\\u006[eE])(?:s|\\u0073)/;

function poisons(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '__proto__')) return true;
    const constructor: unknown = Object.hasOwn(node, 'constructor')
      ? Reflect.get(node, 'constructor')
      : undefined;
    if (typeof constructor === 'object' && constructor !== null) {
      if (Object.hasOwn(constructor, 'prototype')) return true;
    }
    for (const child of Object.values(node)) open.push(child);
  }
  return false;
}

/**
 * Reads JSON as it must be on the wire: UTF-8 (bytes are checked, never replaced), without keys
 * that could poison prototypes. An empty body is undefined.
 * @throws InvalidUtf8, MalformedJson, ForbiddenKey
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new InvalidUtf8('The body is not valid UTF-8.');
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedJson('The body is not valid JSON.', {}, { cause: error });
  }
  if (SUSPECT.test(text) && poisons(value)) {
    throw new ForbiddenKey('The body has a key __proto__ or constructor.prototype.');
  }
  return value;
}

/** Makes a server (or an encapsulated part of one) take JSON bodies and nothing else. */
export function useJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    JSON_TYPE,
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );
}

/**
 * Makes an encapsulated part of a server hand bodies of any content type to its routes as bytes.
 * Call it inside `server.register(async (part) => { useRawBodies(part); part.post(…); })`.
 */
export function useRawBodies(part: FastifyInstance): void {
  part.removeAllContentTypeParsers();
  // A pattern, as Fastify remembers what it matched; it parses the type anew for its catch-all.
  part.addContentTypeParser(/^/, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}
