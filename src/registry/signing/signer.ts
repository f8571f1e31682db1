import type { PrivateKey } from 'openpgp';

/** A key as a signer needs it. */
export interface SigningKey {
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  readonly privateKey: PrivateKey;
}

/** Signs with all of a repository's keys that are in use: while one follows another, clients may know either. */
export class Signer {
  readonly keys: readonly SigningKey[];

  constructor(keys: readonly SigningKey[]) {
    this.keys = keys;
  }

  get fingerprints(): readonly string[] {
    return this.keys.map((key) => key.fingerprint);
  }

  /** A clear-signed text (RFC 4880, 7), such as apt's InRelease. @param at milliseconds since 1970 */
  async clearSign(text: string, at: number): Promise<string> {
    const openpgp = await import('openpgp');
    const message = await openpgp.createCleartextMessage({ text });
    const signed = await openpgp.sign({ message, ...this.#options(at, openpgp) });
    return signed.replaceAll('\r\n', '\n');
  }

  /** A signature apart from the text, armored, such as apt's Release.gpg. */
  async signDetached(text: string, at: number): Promise<string> {
    const openpgp = await import('openpgp');
    const message = await openpgp.createMessage({ binary: Buffer.from(text) });
    return openpgp.sign({ message, detached: true, ...this.#options(at, openpgp) });
  }

  /** The public keys, one after another, armored or as they are. */
  async publicKeys(form: 'armored' | 'binary'): Promise<Uint8Array<ArrayBuffer>> {
    const openpgp = await import('openpgp');
    const keys = await Promise.all(this.keys.map((key) => openpgp.readKey({ armoredKey: key.publicKey })));
    const binary = Buffer.concat(keys.map((key) => key.write()));
    if (form === 'binary') return new Uint8Array(binary);
    // One block for all of them: some readers look at the first only.
    return new TextEncoder().encode(openpgp.armor(openpgp.enums.armor.publicKey, binary).replaceAll('\r\n', '\n'));
  }

  #options(at: number, openpgp: typeof import('openpgp')) {
    const newest = Math.max(at, ...this.keys.map((key) => key.privateKey.getCreationTime().getTime()));
    return {
      signingKeys: this.keys.map((key) => key.privateKey),
      date: new Date(newest),
      config: {
        preferredHashAlgorithm: openpgp.enums.hash.sha512,
        // The same text at the same time has the same signature, whichever replica makes it.
        nonDeterministicSignaturesViaNotation: false,
      },
    };
  }
}
