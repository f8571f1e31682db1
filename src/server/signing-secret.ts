import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { PackyardError } from '../model/errors.ts';
import { SecretBox } from '../registry/signing/secret-box.ts';

const FILE = 'signing-secret';

/**
 * The secret that encrypts signing keys, from the settings or from a file in the data folder, which is made when the first key
 * is. Read when it is needed first.
 */
export function signingSecret(config: Pick<Config, 'data' | 'signing'>): () => Promise<SecretBox> {
  let box: Promise<SecretBox> | undefined;
  return () => {
    box ??= openSecret(config).then((secret) => new SecretBox(secret));
    box.catch(() => {
      box = undefined;
    });
    return box;
  };
}

async function openSecret(config: Pick<Config, 'data' | 'signing'>): Promise<string> {
  return (await readSigningSecret(config)) ?? makeSecret(config.data, join(config.data, FILE));
}

/** The secret, if there is one. @throws PackyardError `unavailable` when its file cannot be read */
export async function readSigningSecret({
  data,
  signing,
}: Pick<Config, 'data' | 'signing'>): Promise<string | undefined> {
  return signing.secret ?? readSecret(join(data, FILE));
}

async function readSecret(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
  if (text.length < 32) throw unreadable(path, new Error('it is too short'));
  return text;
}

/** Durable before anything is encrypted with it; where two processes make one, the first wins. */
async function makeSecret(data: string, path: string): Promise<string> {
  const secret = randomBytes(32).toString('hex');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(data, { recursive: true, mode: 0o750 });
    const file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${secret}\n`);
    await file.sync();
    await file.close();
    // Unlike a rename, a link does not take the place of what another process has made meanwhile.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
    const folder = await open(data, 'r');
    await folder.sync();
    await folder.close();
  } catch (error) {
    throw unreadable(path, error);
  }
  return (await readSecret(path)) ?? secret;
}

function unreadable(path: string, cause: unknown): PackyardError {
  return new PackyardError('unavailable', `the secret of the signing keys in ${path} cannot be read or written`, {
    hint: 'make the data folder writable for the server, or set signing.secret',
    cause,
  });
}
