import { Digest, type DigestAlgorithm } from '../../model/digest.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import type { PublishOutcome, StagedObject } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';
import { type Distribution, toJson } from './distribution.ts';
import { parseFileName } from './file-name.ts';
import { parseDistribution } from './parse.ts';
import { isReleaseOf, normalizeName, sameVersion } from './version.ts';

/** The upload API's digest fields. */
export const DIGEST_FIELDS: Readonly<Record<string, DigestAlgorithm>> = {
  md5_digest: 'md5',
  sha256_digest: 'sha256',
  blake2_256_digest: 'blake2b256',
};

/**
 * Publishes one wheel, sdist or egg, after everything that is said about it agrees: digests, form fields, file name,
 * archive, core metadata.
 * @throws PackyardError `invalid_request`, `digest_mismatch`, `forbidden` (archived or quarantined project), `conflict`
 */
export async function receive(upload: Upload, { registry }: Pick<FormatContext, 'registry'>): Promise<PublishOutcome> {
  await checkDigests(upload.fields, upload.staged);
  const distribution = await parseDistribution(upload.fileName, upload.staged.path);
  checkClaims(upload, distribution);
  const project = normalizeName(distribution.name);
  return registry.publish({
    repository: upload.repository,
    repositoryId: upload.repositoryId,
    actor: upload.actor,
    package: project,
    displayName: distribution.name,
    version: distribution.version,
    file: {
      name: upload.fileName,
      path: filePath(project, upload.fileName) ?? `${project}/${upload.fileName}`,
      staged: upload.staged,
      metadata: toJson(distribution.metadata),
      sidecars: [distribution.sidecar],
    },
  });
}

/**
 * Where a file lies in its repository. All spellings of one file's name (`Foo_Bar-1.0` and `foo.bar-1.0`, tags in another
 * order) come to one path, so the second of them is the same file and not a rival.
 * @param project normalised
 * @returns undefined when the name cannot belong to the project
 */
export function filePath(project: string, fileName: string): string | undefined {
  const parsed = parseFileName(fileName, project);
  return parsed && `${project}/${parsed.canonical}`;
}

async function checkDigests(fields: Upload['fields'], staged: StagedObject): Promise<void> {
  for (const [field, algorithm] of Object.entries(DIGEST_FIELDS)) {
    const text = singleField(fields, field);
    if (text === undefined) continue;
    const expected = Digest.fromHex(algorithm, text);
    const found = algorithm === 'sha256' ? staged.sha256 : await staged.digest(algorithm);
    if (!found.equals(expected)) {
      throw new PackyardError('digest_mismatch', `the file's ${algorithm} is not the ${field} of the form`, {
        hint: 'the file was changed or cut off on its way; upload it again',
        details: { expected: expected.hex, found: found.hex },
      });
    }
  }
}

function checkClaims(upload: Upload, distribution: Distribution): void {
  const { name, version, metadata } = distribution;
  if (upload.name !== undefined && normalizeName(upload.name) !== normalizeName(name)) {
    throw invalid(`the upload says the name is ${JSON.stringify(upload.name)}, the file says ${JSON.stringify(name)}`);
  }
  // artifactd's users call an egg of 4.0.0.post3 4.0.0, as its README did.
  const shortened = metadata.fileType === 'bdist_egg' && isReleaseOf(upload.version ?? '', version);
  if (upload.version !== undefined && !sameVersion(upload.version, version) && !shortened) {
    throw invalid(`the upload says the version is ${JSON.stringify(upload.version)}, the file says ${version}`);
  }
  const fileType = singleField(upload.fields, 'filetype');
  if (fileType !== undefined && fileType !== metadata.fileType) {
    throw invalid(`the form says the file type is ${JSON.stringify(fileType)}, the file is a ${metadata.fileType}`);
  }
}

/**
 * A form field that may come once.
 * @returns undefined when it is not there or empty
 */
export function singleField(fields: Upload['fields'], name: string): string | undefined {
  const values = fields.get(name) ?? [];
  if (values.length > 1) throw invalid(`the form field ${JSON.stringify(name)} was sent more than once`);
  return values[0] || undefined;
}
