/*
 * SaslAuthenticate: one token of the mechanism that SaslHandshake chose (KIP-152). A session lasts
 * as long as its connection: its lifetime (KIP-368) is 0, which clients take for unbounded.
 *
 * Grammar: below, in Kafka's notation of versions (`3+`, `0-7`); tagged fields are KIP-482's.
 */
import { api, SASL_AUTHENTICATE_KEY } from './api.js';
import { bytes, int16, int64, string } from '../protocol/types.js';

const request = {
  authBytes: bytes(),
};

const response = {
  errorCode: int16(),
  errorMessage: string().nullable('0+'),
  authBytes: bytes(),
  sessionLifetimeMs: int64('1+').or(0),
};

export const saslAuthenticate = api({
  key: SASL_AUTHENTICATE_KEY,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexibleFrom: 2,
  request,
  response,
  handle: ({ authBytes }, { authentication }) => authentication.authenticate(authBytes),
});
