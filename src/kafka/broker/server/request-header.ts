import { MalformedRequest } from '../protocol/malformed-request.js';
import { Reader } from '../protocol/reader.js';
import { API_VERSIONS_KEY, type Api } from '../apis/api.js';
import { apiOf } from '../apis/index.js';
import { includes } from '../protocol/version-range.js';

/** The header of a request, and the bytes after it. */
export interface ParsedRequest {
  readonly api: Api;
  readonly version: number;
  /** Undefined for what comes without a header, and is answered without one. */
  readonly correlationId: number | undefined;
  readonly clientId: string | null;
  readonly body: Buffer;
  /** ApiVersions in a version that is not served: answered in version 0 with an error. */
  readonly versionUnsupported: boolean;
}

/**
 * Request header (v1; v2 for flexible versions adds tagged fields):
 * `api_key int16, api_version int16, correlation_id int32, client_id nullable string`.
 * An unknown key or version cannot be answered, since the client would not know the answer's form;
 * Kafka closes the connection, and so does who catches the MalformedRequest thrown here.
 */
export function parseRequest(frame: Buffer): ParsedRequest {
  const reader = new Reader(frame);
  const key = reader.int16();
  const version = reader.int16();
  const correlationId = reader.int32();
  const api = apiOf(key);
  if (!api) throw new MalformedRequest(`unknown api key ${key}`);
  const versionUnsupported = !includes(api.versions, version);
  if (versionUnsupported && key !== API_VERSIONS_KEY) {
    throw new MalformedRequest(`${api.name} has no version ${version} here`);
  }
  if (versionUnsupported) {
    return {
      api,
      version: 0,
      correlationId,
      clientId: null,
      body: Buffer.alloc(0),
      versionUnsupported,
    };
  }
  const clientIdLength = reader.int16();
  const clientId = clientIdLength < 0 ? null : reader.utf8(clientIdLength);
  if (version >= api.flexibleFrom) reader.skipTaggedFields();
  return {
    api,
    version,
    correlationId,
    clientId,
    body: reader.slice(reader.remaining),
    versionUnsupported,
  };
}
