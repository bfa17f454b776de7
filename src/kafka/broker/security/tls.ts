import { X509Certificate } from 'node:crypto';
import { createSecureContext, type TLSSocket, type TlsOptions } from 'node:tls';
import { TlsHandshakeFailed, UnusableCertificate } from './security.errors.js';

/** The broker's certificate; everything is PEM. */
export interface TlsSettings {
  /** The certificate, with those between it and the CA after it. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** With it, clients must show a certificate that this CA signed (`ssl.client.auth=required`). */
  readonly clientCa?: string | Buffer;
}

/** A client that takes longer over the handshake is let go. */
const MAX_HANDSHAKE_MS = 120_000;

/**
 * Options of the listener.
 * @param idleMs time without traffic after which connections are closed, in milliseconds
 * @throws UnusableCertificate
 */
export function tlsOptions({ cert, key, clientCa }: TlsSettings, idleMs: number): TlsOptions {
  const context = { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) };
  try {
    // Node passes over a CA that it cannot read, and for an empty one takes those of the system.
    if (clientCa !== undefined) void new X509Certificate(clientCa);
    createSecureContext(context);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnusableCertificate(`TLS certificate, key or client CA: ${why}`, { cause: error });
  }
  return {
    ...context,
    minVersion: 'TLSv1.2',
    requestCert: clientCa !== undefined,
    rejectUnauthorized: true,
    handshakeTimeout: Math.min(idleMs, MAX_HANDSHAKE_MS),
  };
}

/** Why a handshake failed; a certificate that was refused is not in the error that Node gives. */
export function handshakeFailure(error: Error, socket: TLSSocket): TlsHandshakeFailed {
  const refused = socket.authorizationError as Error | string | null | undefined;
  const why = refused ? `client certificate: ${String(refused)}` : error.message;
  return new TlsHandshakeFailed(why, { cause: error });
}
