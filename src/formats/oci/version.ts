import { Digest } from '../../model/digest.ts';
import { invalid } from '../../model/errors.ts';
import type { RepositoryRef } from '../../model/repository-ref.ts';

/** Hosts and names together have 255 characters in many clients; the database has as many for the name. */
const LONGEST_NAME = 255;
const LONGEST_FIRST_COMPONENT = 128;
/** Distribution spec, "Pulling manifests". One component at a time, so that no text takes long to match. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^(sha256|sha512):([a-f0-9]+)$/;
const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** An image's place: its whole name is the package, and its first component the repository. */
export interface ImageName {
  readonly name: string;
  readonly repository: RepositoryRef;
  /** What a scope may name beside the repository, e.g. `oci/team/app`. */
  readonly within: string;
}

/** @throws PackyardError `invalid_request` (NAME_INVALID) */
export function parseName(text: string): ImageName {
  const components = text.split('/');
  const [first = ''] = components;
  if (text.length > LONGEST_NAME || first.length > LONGEST_FIRST_COMPONENT)
    throw invalid(`a name has at most ${LONGEST_NAME} characters, and its first part ${LONGEST_FIRST_COMPONENT}`, {
      details: { oci: 'NAME_INVALID' },
    });
  if (!components.every((component) => COMPONENT.test(component)))
    throw invalid(`not a repository name: ${JSON.stringify(text)}`, {
      hint: 'use lower-case letters and digits, joined by . _ __ - or /',
      details: { oci: 'NAME_INVALID' },
    });
  return { name: text, repository: { format: 'oci', name: first }, within: `oci/${text}` };
}

/** @throws PackyardError `invalid_request` (TAG_INVALID) */
export function parseTag(text: string): string {
  if (TAG.test(text)) return text;
  throw invalid(`not a tag: ${JSON.stringify(text)}`, {
    hint: 'use 1 to 128 letters, digits, underscores, dots and dashes; the first is no dot or dash',
    details: { oci: 'TAG_INVALID' },
  });
}

/** @throws PackyardError `invalid_request` (DIGEST_INVALID) for anything but a sha256 or sha512 in lower-case digits */
export function parseDigest(text: string): Digest {
  const [, algorithm = '', hex = ''] = text.match(DIGEST) ?? [];
  if (algorithm !== '' && hex.length === HEX_LENGTH[algorithm]) return Digest.fromHex(algorithm as 'sha256', hex);
  throw invalid(`not a digest: ${JSON.stringify(text)}`, {
    hint: 'write sha256: with 64, or sha512: with 128 lower-case hexadecimal digits',
    details: { oci: 'DIGEST_INVALID' },
  });
}

/** Whether a manifest's reference is a digest: no tag has a colon. */
export function isDigest(reference: string): boolean {
  return reference.includes(':');
}

/** Where a manifest is in its repository. */
export function manifestPath(name: string, digest: string): string {
  return `${name}/manifests/${digest}`;
}

export function normalizeName(name: string): string {
  return name;
}

/** Digests have no order that means anything; this one is always the same. */
export function compareVersions(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
