import { invalid } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { PublishOutcome } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';
import { guessNameAndVersion, parseAddress, pathOf } from './parse.ts';

/**
 * Publishes a file that came by `/addpkg`. Asked for as `tar`, the stored name is always `<name>-<version>.tar.gz`, as
 * artifactd had it; as `generic` the file keeps its name, which can also tell name and version.
 */
export async function receive(upload: Upload, { registry }: Pick<FormatContext, 'registry'>): Promise<PublishOutcome> {
  const fileName = parseSegment(upload.fileName, 'file name');
  const guess = guessNameAndVersion(fileName);
  const name = upload.name ?? guess?.name;
  const version = upload.version ?? guess?.version;
  if (!name || !version) {
    throw invalid('the package name or the version is missing', {
      hint: 'give both, or upload a file that is called NAME-VERSION.EXTENSION',
    });
  }
  const file = upload.provider === 'tar' ? `${name}-${version}.tar.gz` : fileName;
  const address = parseAddress({ package: name, version, file });
  return registry.publish({
    repository: upload.repository,
    repositoryId: upload.repositoryId,
    actor: upload.actor,
    package: address.package,
    version: address.version,
    file: { name: address.file, path: pathOf(address), staged: upload.staged, metadata: {} },
  });
}
