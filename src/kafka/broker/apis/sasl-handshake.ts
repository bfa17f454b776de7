/*
 * SaslHandshake: chooses the mechanism of the authentication that follows (KIP-43, KIP-152).
 * After version 0 the tokens come bare, after version 1 in SaslAuthenticate.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api, NEVER, SASL_HANDSHAKE_KEY } from './api.js';
import { array, int16, string } from '../protocol/types.js';

const request = {
  mechanism: string(),
};

const response = {
  errorCode: int16(),
  mechanisms: array(string()),
};

export const saslHandshake = api({
  key: SASL_HANDSHAKE_KEY,
  name: 'SaslHandshake',
  versions: '0-1',
  flexibleFrom: NEVER,
  request,
  response,
  handle: ({ mechanism }, { authentication, version }) =>
    authentication.handshake(mechanism, version === 0),
});
