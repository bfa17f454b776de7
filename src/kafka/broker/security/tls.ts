import { createPrivateKey, X509Certificate } from 'node:crypto';
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

/**
 * Options of the listener.
 * @param idleMs time without traffic after which connections are closed, in milliseconds
 * @throws UnusableCertificate
 */
export function tlsOptions({ cert, key, clientCa }: TlsSettings, idleMs: number): TlsOptions {
  const context = { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) };
  requireUsable('certificate (tls.cert)', cert, () => new X509Certificate(cert));
  requireUsable('key (tls.key)', key, () => createPrivateKey(key));
  if (clientCa !== undefined) {
    // Node passes over a CA that it cannot read, and for an empty one takes those of the system.
    requireUsable('client CA (tls.clientCa)', clientCa, () => new X509Certificate(clientCa));
  }
  requireUsable('certificate and key together', cert, () => createSecureContext(context));
  return {
    ...context,
    minVersion: 'TLSv1.2',
    requestCert: clientCa !== undefined,
    rejectUnauthorized: true,
    handshakeTimeout: idleMs,
  };
}

/** @throws UnusableCertificate that tells what of it cannot be read */
function requireUsable(what: string, pem: string | Buffer, read: () => unknown): void {
  try {
    void read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const advice = pem.includes('-----BEGIN') ? '' : '; it is to be PEM, not the name of a file';
    throw new UnusableCertificate(`TLS ${what}: ${why}${advice}`, { cause: error });
  }
}

/** Why a handshake failed; a certificate that was refused is not in the error that Node gives. */
export function handshakeFailure(error: Error, socket: TLSSocket): TlsHandshakeFailed {
  const refused = socket.authorizationError as Error | string | null | undefined;
  const why = refused ? `client certificate: ${String(refused)}` : error.message;
  return new TlsHandshakeFailed(why, { cause: error });
}
