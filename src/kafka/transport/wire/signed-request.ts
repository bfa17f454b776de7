import { headerNames } from './header-names.js';
import type { SignedParts } from './message-signer.js';

/** What of an internal request is signed: it cannot be sent again later, or with another payload. */
export const signedRequestParts = (
  contract: string,
  headers: Readonly<Record<string, string | undefined>>,
  value: string | null,
): SignedParts => [
  'request',
  contract,
  headers[headerNames.correlationId],
  headers[headerNames.deadline],
  value,
];
