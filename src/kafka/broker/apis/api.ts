import type { Broker } from '../broker.js';
import type { Decoded, Encodable, Encoding, Fields } from '../protocol/field.js';
import { Reader } from '../protocol/reader.js';
import { readStruct, writeStruct } from '../protocol/struct.js';
import {
  versionRange,
  type VersionNotation,
  type VersionRange,
} from '../protocol/version-range.js';
import { Writer } from '../protocol/writer.js';
import type { Authentication } from '../security/authentication.js';

/** `flexibleFrom` of an API that has no flexible version in the range served here. */
export const NEVER = Number.POSITIVE_INFINITY;

/** The key of ApiVersions, the one API that is answered in any version. */
export const API_VERSIONS_KEY = 18;

/** Keys of the APIs that authentication is done with. */
export const SASL_HANDSHAKE_KEY = 17;
export const SASL_AUTHENTICATE_KEY = 36;

/** What a handler knows besides the request itself. */
export interface RequestContext {
  readonly broker: Broker;
  /** Every API that this broker has. */
  readonly servedApis: readonly Api[];
  /** Of the connection that the request came over. */
  readonly authentication: Authentication;
  readonly version: number;
  /** ApiVersions only: the client asked for a version that is not served. */
  readonly versionUnsupported: boolean;
  readonly clientId: string | null;
  /** The client's address, as group descriptions show it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** Aborted when the connection is gone: a long poll must end then. */
  readonly closed: AbortSignal;
  /** To be told where so many bytes beside its frame are kept for the request until it is answered. */
  readonly holdMore: (bytes: number) => void;
}

/** One API of the protocol: its grammar and what the broker does with it. */
export interface ApiDefinition<Req extends Fields, Res extends Fields> {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionNotation;
  /** The first version with compact lengths and tagged fields (KIP-482). */
  readonly flexibleFrom: number;
  /** ApiVersions alone answers with the plain response header in every version. */
  readonly plainResponseHeader?: boolean;
  /** Requests of one connection that may be worked on before the one before is answered. */
  readonly overlaps?: boolean;
  readonly request: Req;
  readonly response: Res;
  /** Answers a request; `null` where the protocol has no answer (Produce with acks=0). */
  handle(
    input: Decoded<Req>,
    context: RequestContext,
  ): Encodable<Res> | null | Promise<Encodable<Res> | null>;
}

/** An API with its types erased, as the server sees it. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly versions: VersionRange;
  readonly flexibleFrom: number;
  readonly plainResponseHeader: boolean;
  readonly overlaps: boolean;
  readonly request: Fields;
  readonly response: Fields;
  /**
   * Decodes a request body, handles it and encodes the response body into `writer`.
   * Resolves to false where there is no answer. Throws MalformedRequest.
   */
  answer(body: Buffer, context: RequestContext, writer: Writer): Promise<boolean> | boolean;
}

/** Makes an API from its definition. */
export function api<Req extends Fields, Res extends Fields>(
  definition: ApiDefinition<Req, Res>,
): Api {
  return {
    ...definition,
    versions: versionRange(definition.versions),
    plainResponseHeader: definition.plainResponseHeader ?? false,
    overlaps: definition.overlaps ?? false,
    answer(body, context, writer) {
      const encoding = encodingOf(definition.flexibleFrom, context.version);
      const input = readStruct(definition.request, new Reader(body), encoding);
      const encode = (output: Encodable<Res> | null): boolean => {
        if (output !== null) writeStruct(definition.response, writer, output, encoding);
        return output !== null;
      };
      const output = definition.handle(input, context);
      return output instanceof Promise ? output.then(encode) : encode(output);
    },
  };
}

/** The encoding of one version of an API. */
export function encodingOf(flexibleFrom: number, version: number): Encoding {
  return { version, flexible: version >= flexibleFrom };
}
