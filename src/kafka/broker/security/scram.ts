import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ScramCredential } from './account.js';
import type { Exchange, Step } from './exchange.js';
import type { ScramMechanism } from './mechanism.js';
import { parseClientFinal, parseClientFirst, type ClientFirst } from './scram-messages.js';
import { hash, hmac, keyBytesOf, type ScramKeys } from './scram-verifier.js';
import { AuthenticationFailed } from './security.errors.js';
import type { Users } from './users-file.js';

const NONCE_BYTES = 24;

/** What the first message has led to. */
interface Begun {
  readonly client: ClientFirst;
  readonly credential: ScramCredential;
  /** The client's nonce and the server's. */
  readonly nonce: string;
  readonly serverFirst: string;
}

/**
 * The server's side of SCRAM (RFC 5802, RFC 7677), without channel binding: the client proves that
 * it knows the password, the server that it has the keys, and nobody in between learns either.
 */
export class ScramExchange implements Exchange {
  private begun: Begun | undefined;

  /** @param newNonce the server's part of the nonce: printable ASCII without commas */
  constructor(
    private readonly mechanism: ScramMechanism,
    private readonly users: Users,
    private readonly newNonce = (): string => randomBytes(NONCE_BYTES).toString('base64'),
  ) {}

  async evaluate(token: Buffer): Promise<Step> {
    const { begun } = this;
    return begun ? this.finish(begun, token) : this.begin(token);
  }

  private async begin(token: Buffer): Promise<Step> {
    const client = parseClientFirst(token);
    const credential = (await this.users.current()).scram(this.mechanism, client.name);
    const nonce = client.nonce + this.newNonce();
    const salt = credential.salt.toString('base64');
    const serverFirst = `r=${nonce},s=${salt},i=${credential.iterations}`;
    this.begun = { client, credential, nonce, serverFirst };
    return { token: Buffer.from(serverFirst), done: false };
  }

  private async finish(begun: Begun, token: Buffer): Promise<Step> {
    const final = parseClientFinal(token);
    const { client, nonce, serverFirst } = begun;
    if (final.nonce !== nonce || final.gs2Header !== client.gs2Header) {
      throw new AuthenticationFailed('the last token does not go with the first');
    }
    const keys = await begun.credential.keys();
    const signed = `${client.bare},${serverFirst},${final.withoutProof}`;
    if (!this.isProof(final.proof, keys, signed)) {
      throw new AuthenticationFailed('wrong user name or password');
    }
    const signature = hmac(this.mechanism, keys.serverKey, signed).toString('base64');
    return { token: Buffer.from(`v=${signature}`), done: true };
  }

  /** The proof is the client's key, hidden by a signature that only the stored key can make. */
  private isProof(proof: Buffer, { storedKey }: ScramKeys, signed: string): boolean {
    if (proof.length !== keyBytesOf(this.mechanism)) return false;
    const signature = hmac(this.mechanism, storedKey, signed);
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ signature[index]!));
    return timingSafeEqual(hash(this.mechanism, clientKey), storedKey);
  }
}
