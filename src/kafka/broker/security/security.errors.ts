/**
 * A client could not show who it is. The message is sent to the client: it must not tell whether a
 * user exists, nor anything of a secret.
 */
export class AuthenticationFailed extends Error {
  override readonly name = 'AuthenticationFailed';

  constructor(why: string) {
    super(`Authentication failed: ${why}`);
  }
}

/** So many clients log in that no more are heard: they may come back. */
export class TooManyLogins extends Error {
  override readonly name = 'TooManyLogins';
}

/** A request came before authentication that only authenticated clients may make. */
export class NotAuthenticated extends Error {
  override readonly name = 'NotAuthenticated';
}

/** An entry of the users is wrong. Tells where it is, never what is in it. */
export class MalformedCredentials extends Error {
  override readonly name = 'MalformedCredentials';

  /** @param where such as `line 3` */
  constructor(where: string, why: string) {
    super(`${where}: ${why}`);
  }
}

/** A users file cannot be read, or is wrong: `cause` is the system's error or MalformedCredentials. */
export class UnusableUsersFile extends Error {
  override readonly name = 'UnusableUsersFile';

  constructor(file: string, cause: unknown) {
    super(`users file ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The broker's certificate, its key or the client CA is no PEM, or they do not match. */
export class UnusableCertificate extends Error {
  override readonly name = 'UnusableCertificate';
}

/** A client did not get through the TLS handshake. */
export class TlsHandshakeFailed extends Error {
  override readonly name = 'TlsHandshakeFailed';
}
