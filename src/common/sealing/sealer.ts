import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { SealBroken } from './sealing.errors.js';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** 96 bits at random (NIST SP 800-38D, 8.2.2): good for 2^32 texts under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the format, so that another one can follow it. */
const VERSION = 'v1.';
const KEY_LABEL = 'millrace.sealing.v1';

/**
 * Encrypts small texts that are stored and sent where others may read: AES-256-GCM under a key
 * that HKDF-SHA256 (RFC 5869) derives from the installation's for this use alone. Every process of
 * an installation opens what another one sealed.
 *
 * The same text is sealed to another form each time; compare texts after opening them.
 */
export class Sealer {
  private readonly key: Buffer;

  /** @param installationKey 32 bytes, `settings.encryptionKey` */
  constructor(installationKey: Buffer) {
    this.key = Buffer.from(hkdfSync('sha256', installationKey, '', KEY_LABEL, KEY_BYTES));
  }

  /**
   * Seals a text for one context, which is not part of the result.
   * @param context what the text belongs to (an entity's uid); opening needs the same
   * @returns `v1.` and nonce, ciphertext and tag as base64url
   */
  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return VERSION + Buffer.concat(sealed).toString('base64url');
  }

  /** @throws SealBroken when it was not sealed here, for this context, or was changed since */
  open(sealed: string, context: string): string {
    if (!sealed.startsWith(VERSION)) throw new SealBroken('it is of an unknown version');
    const bytes = bytesOf(sealed.slice(VERSION.length));
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const text = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SealBroken('key, context or text are not those of the sealing', { cause });
    }
  }
}

/** Decodes strictly: Node's own decoder passes over what is no base64url. */
function bytesOf(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw new SealBroken('it is no base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken('it is too short');
  return bytes;
}
