import type { Exchange, Step } from './exchange.js';
import type { Peer } from './peer.js';
import { AuthenticationFailed } from './security.errors.js';
import type { Users } from './users-file.js';

const NOTHING = Buffer.alloc(0);
/** Kept while the password is checked; RFC 4616 has names and passwords of 255 bytes. */
const MAX_TOKEN_BYTES = 4_096;

/** PLAIN (RFC 4616): the client sends name and password, which only TLS keeps from others. */
export class PlainExchange implements Exchange {
  constructor(
    private readonly users: Users,
    private readonly peer: Peer,
  ) {}

  async evaluate(token: Buffer): Promise<Step> {
    const { name, password } = parsePlain(token);
    const credentials = await this.users.current();
    const isAdmitted = await credentials.admits(name, password, this.peer);
    if (isAdmitted) return { token: NOTHING, done: true };
    throw new AuthenticationFailed('wrong user name or password');
  }
}

/**
 * Reads `[authorization id] NUL name NUL password`. To act for somebody else is not possible.
 * @throws AuthenticationFailed
 */
export function parsePlain(token: Buffer): { readonly name: string; readonly password: string } {
  if (token.length > MAX_TOKEN_BYTES) throw new AuthenticationFailed('the token is too long');
  const parts = token.toString('utf8').split('\0');
  const [authorizationId, name, password] = parts;
  if (parts.length !== 3 || !name || !password) {
    throw new AuthenticationFailed('the token is not a PLAIN message');
  }
  if (authorizationId !== '' && authorizationId !== name) {
    throw new AuthenticationFailed('the authorization id is not the user name');
  }
  return { name, password };
}
