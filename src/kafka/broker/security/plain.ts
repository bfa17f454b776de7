import type { Exchange, Step } from './exchange.js';
import { AuthenticationFailed } from './security.errors.js';
import type { Users } from './users-file.js';

const NOTHING = Buffer.alloc(0);

/** PLAIN (RFC 4616): the client sends name and password, which only TLS keeps from others. */
export class PlainExchange implements Exchange {
  constructor(private readonly users: Users) {}

  async evaluate(token: Buffer): Promise<Step> {
    const { name, password } = parsePlain(token);
    const credentials = await this.users.current();
    if (await credentials.admits(name, password)) return { token: NOTHING, done: true };
    throw new AuthenticationFailed('wrong user name or password');
  }
}

/**
 * Reads `[authorization id] NUL name NUL password`. To act for somebody else is not possible.
 * @throws AuthenticationFailed
 */
export function parsePlain(token: Buffer): { readonly name: string; readonly password: string } {
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
