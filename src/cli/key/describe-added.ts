import type { SigningKeyRecord } from '../../client/api-types.ts';

/** What follows from a key that was added. */
export function describeAdded(key: SigningKeyRecord, repository: string, retireOthers = false): string {
  const lines = [`${repository} signs with ${key.fingerprint}`];
  if (!retireOthers)
    lines.push(`give the new key to clients, then retire the old one: packyard key retire ${repository} FINGERPRINT`);
  return lines.join('\n');
}
