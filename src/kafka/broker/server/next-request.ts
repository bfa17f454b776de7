import { API_VERSIONS_KEY, SASL_AUTHENTICATE_KEY, SASL_HANDSHAKE_KEY } from '../apis/api.js';
import type { Api } from '../apis/api.js';
import type { Authentication, Stage } from '../security/authentication.js';
import { NotAuthenticated } from '../security/security.errors.js';
import { parseRequest, type ParsedRequest } from './request-header.js';

/** What a client may ask at each stage of its authentication; undefined: anything. */
const ADMITTED: Readonly<Record<Stage, readonly number[] | undefined>> = {
  handshake: [API_VERSIONS_KEY, SASL_HANDSHAKE_KEY],
  token: [SASL_HANDSHAKE_KEY, SASL_AUTHENTICATE_KEY],
  complete: undefined,
  failed: [],
};

/**
 * A frame as a request, as far as its sender may make it now.
 * @throws MalformedRequest, NotAuthenticated: the connection is closed without an answer
 */
export function nextRequest(frame: Buffer, authentication: Authentication): ParsedRequest {
  if (authentication.expectsBareToken) return bareTokenRequest(frame);
  const request = parseRequest(frame);
  const admitted = ADMITTED[authentication.stage];
  if (!admitted || admitted.includes(request.api.key)) return request;
  throw new NotAuthenticated(`${request.api.name} before the client has authenticated`);
}

/** After SaslHandshake 0, a frame is a token, and so is its answer; to a wrong one there is none. */
const BARE_TOKEN: Api = {
  key: SASL_AUTHENTICATE_KEY,
  name: 'token',
  versions: { from: 0, to: 0 },
  flexibleFrom: 0,
  plainResponseHeader: true,
  overlaps: false,
  request: {},
  response: {},
  async answer(body, { authentication }, writer) {
    const { authBytes } = await authentication.authenticate(body);
    if (authentication.failure) return false;
    writer.raw(authBytes);
    return true;
  },
};

function bareTokenRequest(body: Buffer): ParsedRequest {
  const header = { version: 0, correlationId: undefined, clientId: null };
  return { api: BARE_TOKEN, ...header, body, versionUnsupported: false };
}
