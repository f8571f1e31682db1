import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { PackyardError } from '../../model/errors.ts';

const PREFIX = 'v1';
const CIPHER = 'aes-256-gcm';

/** Encrypts what the database must not be able to give away, with a secret that is kept elsewhere. AES-256-GCM. */
export class SecretBox {
  readonly #key: Buffer;
  /** Tells secrets apart without giving anything of them away. */
  readonly #name: string;

  /** @param secret with at least 32 random characters */
  constructor(secret: string) {
    this.#key = derive(secret, 'signing keys');
    this.#name = derive(secret, 'name').toString('hex').slice(0, 16);
  }

  /** @param purpose what it is for: opened for anything else, it is refused */
  seal(text: string, purpose: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [PREFIX, this.#name, nonce.toString('base64'), sealed.toString('base64')].join(':');
  }

  /** @throws PackyardError `unavailable` when it was sealed with another secret or has been changed */
  open(sealed: string, purpose: string): string {
    const [prefix, name, nonce = '', text = ''] = sealed.split(':');
    if (prefix !== PREFIX || name !== this.#name) throw otherSecret();
    const bytes = Buffer.from(text, 'base64');
    const decipher = createDecipheriv(CIPHER, this.#key, Buffer.from(nonce, 'base64'))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(-16));
    try {
      return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new PackyardError('unavailable', 'a signing key in the database has been changed or is damaged', {
        hint: 'restore it from a backup, or import it again: packyard key import',
        cause,
      });
    }
  }
}

function derive(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'packyard', use, 32));
}

function otherSecret(): PackyardError {
  return new PackyardError('unavailable', 'the signing keys were encrypted with another secret than this server has', {
    hint: 'give every server the same signing.secret, or copy the file signing-secret from the data folder that made the keys',
  });
}
