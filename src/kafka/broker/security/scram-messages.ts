import { decodeBase64 } from './scram-verifier.js';
import { AuthenticationFailed } from './security.errors.js';

/** RFC 5802's client-first-message. */
export interface ClientFirst {
  /** `n,,` and the like, which the client repeats at the end. */
  readonly gs2Header: string;
  /** All after the gs2-header: part of what is signed. */
  readonly bare: string;
  readonly name: string;
  readonly nonce: string;
}

/** RFC 5802's client-final-message. */
export interface ClientFinal {
  readonly gs2Header: string;
  readonly nonce: string;
  /** The message up to the proof: part of what is signed. */
  readonly withoutProof: string;
  readonly proof: Buffer;
}

// A name without `,` and with `=` only as =2C or =3D; a nonce of printable ASCII without `,`.
const NAME = String.raw`(?:[^\0=,]|=2C|=3D)+`;
const NONCE = String.raw`[\x21-\x2b\x2d-\x7e]+`;
const EXTENSIONS = String.raw`(?:,[A-Za-z]=[^\0,]+)*`;
const CLIENT_FIRST = new RegExp(
  `^(?<gs2>[ny],(?:a=(?<authzid>${NAME}))?,)(?<bare>n=(?<name>${NAME}),r=(?<nonce>${NONCE})${EXTENSIONS})$`,
  'u',
);
const CLIENT_FINAL = new RegExp(
  `^(?<unproven>c=(?<channel>[A-Za-z0-9/+=]+),r=(?<nonce>${NONCE})${EXTENSIONS}),p=(?<proof>[A-Za-z0-9/+=]+)$`,
  'u',
);
/** Before a client has shown who it is, no message of its needs to be longer. */
const MAX_MESSAGE_BYTES = 4096;

/**
 * Channel binding (`p=`) and extensions that must be understood (`m=`) are not had here.
 * @throws AuthenticationFailed
 */
export function parseClientFirst(message: Buffer): ClientFirst {
  const { gs2, authzid, bare, name, nonce } = groupsOf(CLIENT_FIRST, message);
  if (authzid !== undefined && authzid !== name) {
    throw new AuthenticationFailed('the authorization id is not the user name');
  }
  return { gs2Header: gs2!, bare: bare!, name: unescaped(name!), nonce: nonce! };
}

/** @throws AuthenticationFailed */
export function parseClientFinal(message: Buffer): ClientFinal {
  const { unproven, channel, nonce, proof } = groupsOf(CLIENT_FINAL, message);
  const gs2Header = decodeBase64(channel!);
  const proofBytes = decodeBase64(proof!);
  if (!gs2Header || !proofBytes) throw malformed();
  return {
    gs2Header: gs2Header.toString('utf8'),
    nonce: nonce!,
    withoutProof: unproven!,
    proof: proofBytes,
  };
}

function groupsOf(pattern: RegExp, message: Buffer): Record<string, string | undefined> {
  if (message.length > MAX_MESSAGE_BYTES) throw malformed();
  const groups = pattern.exec(message.toString('utf8'))?.groups;
  if (!groups) throw malformed();
  return groups;
}

function malformed(): AuthenticationFailed {
  return new AuthenticationFailed('the token is not a SCRAM message that is understood here');
}

function unescaped(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
