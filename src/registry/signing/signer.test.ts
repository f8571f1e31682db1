import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { clientTest } from '../../../tests/support/clients.ts';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { generateKeyPair, importKeyPair, type KeyAlgorithm } from './openpgp.ts';
import { Signer, type SigningKey } from './signer.ts';

const folder = new TempFolder('signer');
const TEXT = 'Origin: tools\n- a line that begins with a dash\nSuite: bookworm  \n';
const keys = new Map<KeyAlgorithm, SigningKey>();

beforeAll(async () => {
  for (const algorithm of ['rsa2048', 'ed25519'] as const) {
    const pair = await generateKeyPair('Packyard apt/tools', algorithm, Date.now());
    const { readPrivateKey } = await import('openpgp');
    keys.set(algorithm, { ...pair, privateKey: await readPrivateKey({ armoredKey: pair.privateKey }) });
  }
});
afterAll(() => folder.dispose());

function signer(...algorithms: KeyAlgorithm[]): Signer {
  return new Signer(algorithms.map((algorithm) => keys.get(algorithm) as SigningKey));
}

async function files(signing: Signer) {
  const paths = {
    inline: folder.join('InRelease'),
    text: folder.join('Release'),
    signature: folder.join('Release.gpg'),
  };
  writeFileSync(paths.inline, await signing.clearSign(TEXT, Date.now()));
  writeFileSync(paths.text, TEXT);
  writeFileSync(paths.signature, await signing.signDetached(TEXT, Date.now()));
  writeFileSync(folder.join('key.gpg'), await signing.publicKeys('binary'));
  writeFileSync(folder.join('key.asc'), await signing.publicKeys('armored'));
  return paths;
}

for (const algorithm of ['rsa2048', 'ed25519'] as const) {
  describe(`${algorithm} signatures`, () => {
    clientTest('satisfy gpgv, inline and detached', 'gpgv', async (gpgv) => {
      const { inline, text, signature } = await files(signer(algorithm));
      await gpgv.ok(['--keyring', folder.join('key.gpg'), inline]);
      await gpgv.ok(['--keyring', folder.join('key.gpg'), signature, text]);
    });

    clientTest('satisfy sqv', 'sqv', async (sqv) => {
      const { text, signature } = await files(signer(algorithm));
      await sqv.ok(['--keyring', folder.join('key.asc'), signature, text]);
    });
  });
}

clientTest('while keys change, a client that knows either of them is satisfied', 'gpgv', async (gpgv) => {
  const { inline } = await files(signer('rsa2048', 'ed25519'));
  for (const algorithm of ['rsa2048', 'ed25519'] as const) {
    writeFileSync(folder.join('one.gpg'), await signer(algorithm).publicKeys('binary'));
    const { stderr } = await gpgv.run(['--keyring', folder.join('one.gpg'), inline]);
    expect(stderr).toContain('Good signature');
  }
});

test('the same text at the same time has the same signature', async () => {
  const signing = signer('rsa2048');
  const at = Date.now();
  expect(await signing.clearSign(TEXT, at)).toBe(await signing.clearSign(TEXT, at));
});

describe('a key from elsewhere', () => {
  test('is read armored and not', async () => {
    const pair = await generateKeyPair('somebody', 'ed25519', Date.now());
    const { readPrivateKey } = await import('openpgp');
    const binary = (await readPrivateKey({ armoredKey: pair.privateKey })).write();
    expect((await importKeyPair(Buffer.from(pair.privateKey), undefined)).fingerprint).toBe(pair.fingerprint);
    expect((await importKeyPair(binary, undefined)).fingerprint).toBe(pair.fingerprint);
  });

  test('with a passphrase needs it', async () => {
    const { encryptKey, readPrivateKey } = await import('openpgp');
    const pair = await generateKeyPair('somebody', 'ed25519', Date.now());
    const privateKey = await readPrivateKey({ armoredKey: pair.privateKey });
    const locked = Buffer.from((await encryptKey({ privateKey, passphrase: 'open sesame' })).armor());
    expect(importKeyPair(locked, undefined)).rejects.toThrow(/has a passphrase/);
    expect(importKeyPair(locked, 'wrong')).rejects.toThrow(/does not open/);
    expect((await importKeyPair(locked, 'open sesame')).fingerprint).toBe(pair.fingerprint);
  });

  test('that clients would refuse is refused', async () => {
    const { generateKey } = await import('openpgp');
    const make = (options: object) => generateKey({ userIDs: [{ name: 'x' }], format: 'armored', ...options } as never);
    const modern = await make({ type: 'curve25519' });
    expect(importKeyPair(Buffer.from((modern as { privateKey: string }).privateKey), undefined)).rejects.toThrow(
      /do not know/,
    );
    const expired = await make({ type: 'ecc', curve: 'ed25519Legacy', date: new Date(0), keyExpirationTime: 10 });
    expect(importKeyPair(Buffer.from((expired as { privateKey: string }).privateKey), undefined)).rejects.toThrow(
      /expired/,
    );
    expect(importKeyPair(Buffer.from('nothing like a key'), undefined)).rejects.toThrow(/not an OpenPGP secret key/);
    const publicKey = keys.get('ed25519')?.publicKey ?? '';
    expect(importKeyPair(Buffer.from(publicKey), undefined)).rejects.toThrow(/not an OpenPGP secret key/);
  });

  clientTest('that gpg made is taken as gpg exports it', 'gpg', async (gpg) => {
    const home = folder.join('gnupg');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(home, { mode: 0o700 });
    const at = ['--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
    await gpg.ok([...at, '--quick-generate-key', 'Team <team@example.org>', 'rsa2048', 'sign', 'never']);
    const { stdout } = await gpg.ok([...at, '--armor', '--export-secret-keys', 'team@example.org']);
    expect((await importKeyPair(Buffer.from(stdout), undefined)).fingerprint).toMatch(/^[0-9A-F]{40}$/);
  });
});
