import { createHmac, timingSafeEqual } from 'node:crypto';

/** What of a message is signed, in this order; undefined and null differ from empty text. */
export type SignedParts = readonly (string | number | null | undefined)[];

/**
 * Proves that a message was made by a process of this installation: HMAC-SHA256 over the parts as a
 * JSON array (which keeps their borders), with a key derived from the installation's for this use.
 */
export class MessageSigner {
  private readonly key: Buffer;

  /** @param installationKey 32 bytes, `settings.encryptionKey` */
  constructor(installationKey: Buffer) {
    this.key = createHmac('sha256', installationKey).update('millrace.transport.v1').digest();
  }

  /** Signature as base64url. */
  sign(parts: SignedParts): string {
    return this.hmac(parts).toString('base64url');
  }

  /** Compares in constant time; a missing signature is wrong. */
  isValid(parts: SignedParts, signature: string | undefined): boolean {
    if (signature === undefined) return false;
    const given = Buffer.from(signature, 'base64url');
    const expected = this.hmac(parts);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  private hmac(parts: SignedParts): Buffer {
    return createHmac('sha256', this.key).update(JSON.stringify(parts)).digest();
  }
}
