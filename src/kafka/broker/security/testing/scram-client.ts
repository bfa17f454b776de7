import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { ScramMechanism } from '../mechanism.js';

/** What a test may have the client do otherwise. */
export interface ScramClientOptions {
  readonly nonce?: string;
  readonly gs2Header?: string;
  readonly extensions?: string;
}

/** What a client that knows a password says in SCRAM (RFC 5802), written apart from the server. */
export class ScramClient {
  private readonly hash: 'sha256' | 'sha512';

  constructor(
    mechanism: ScramMechanism,
    private readonly name: string,
    private readonly password: string,
    private readonly options: ScramClientOptions = {},
  ) {
    this.hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  }

  /** The first message. */
  first(): Buffer {
    return Buffer.from(this.gs2Header + this.bare());
  }

  /** The last message, and what a server that knows the keys answers to it. */
  last(serverFirst: Buffer): { readonly message: Buffer; readonly answer: string } {
    const text = serverFirst.toString();
    const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(text)!;
    const channel = Buffer.from(this.gs2Header).toString('base64');
    const unproven = `c=${channel},r=${nonce}`;
    const signed = `${this.bare()},${text},${unproven}`;
    const bytes = this.hash === 'sha256' ? 32 : 64;
    const salted = pbkdf2Sync(
      this.password,
      Buffer.from(salt!, 'base64'),
      Number(iterations),
      bytes,
      this.hash,
    );
    const clientKey = this.hmac(salted, 'Client Key');
    const storedKey = createHash(this.hash).update(clientKey).digest();
    const signature = this.hmac(storedKey, signed);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
    const serverSignature = this.hmac(this.hmac(salted, 'Server Key'), signed);
    return {
      message: Buffer.from(`${unproven},p=${proof.toString('base64')}`),
      answer: `v=${serverSignature.toString('base64')}`,
    };
  }

  private get gs2Header(): string {
    return this.options.gs2Header ?? 'n,,';
  }

  private bare(): string {
    const name = this.name.replaceAll('=', '=3D').replaceAll(',', '=2C');
    return `n=${name},r=${this.options.nonce ?? 'client-nonce'}${this.options.extensions ?? ''}`;
  }

  private hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.hash, key).update(text).digest();
  }
}
