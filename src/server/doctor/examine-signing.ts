import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { listNewestSigningKeys } from '../../database/queries/signing-keys.ts';
import { SecretBox } from '../../registry/signing/secret-box.ts';
import { readSigningSecret } from '../signing-secret.ts';
import { type Finding, failed } from './finding.ts';

/** Whether the keys that sign can be opened with the secret that this server has. */
export async function examineSigning(config: Config, database: Database): Promise<Finding> {
  const what = 'signing keys';
  const keys = await listNewestSigningKeys(database.read);
  if (keys.length === 0) return { status: 'ok', what, detail: 'there are none yet' };
  const place = config.signing.secret === undefined ? 'the file signing-secret' : 'the setting signing.secret';
  try {
    const secret = await readSigningSecret(config);
    if (secret === undefined) {
      const hint = 'copy the file signing-secret from where the keys were made, or set signing.secret';
      return { status: 'fail', what, detail: 'the secret that encrypts them is not here', hint };
    }
    const box = new SecretBox(secret);
    for (const key of keys) box.open(key.private_key, `signing key ${key.fingerprint}`);
  } catch (error) {
    return failed(what, error);
  }
  return { status: 'ok', what, detail: `can be opened with ${place}; no backup has it, so keep a copy` };
}
