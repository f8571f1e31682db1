import { parseDigest } from './digest.ts';
import { RegistryError } from './registry-error.ts';

/** Distribution specification, "Pulling manifests". */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** @throws RegistryError `invalid_request` */
export function checkRepositoryName(name: string): string {
  if (REPOSITORY.test(name)) return name;
  throw new RegistryError('invalid_request', `not a repository name: ${JSON.stringify(name)}`, {
    hint: 'use lower-case letters, digits and single separators (. _ - /), like team/app',
  });
}

/** @throws RegistryError `invalid_request` */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new RegistryError('invalid_request', `not a tag: ${JSON.stringify(tag)}`, {
    hint: 'use up to 128 letters, digits, and after the first character also . and -',
  });
}

/** @throws RegistryError `invalid_request` unless it is a tag or a digest */
export function checkReference(reference: string): string {
  if (!reference.includes(':')) return checkTag(reference);
  parseDigest(reference);
  return reference;
}

/** Docker Hub keeps names of one part under `library/`. */
export function nameAt(host: string, name: string): string {
  return isDockerHub(host) && !name.includes('/') ? `library/${name}` : name;
}

/** `docker.io` itself is no registry. */
export function registryHost(host: string): string {
  return host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host;
}

export function isDockerHub(host: string): boolean {
  return host === 'docker.io' || host.endsWith('.docker.io');
}

/** Whether what is sent there stays on this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
