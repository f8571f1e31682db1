import type { RepositoryId } from '../client/api-types.ts';
import { parseRepositoryName } from '../model/repository-ref.ts';
import type { LocalFile } from './local-file.ts';
import { parseRepository } from './repository-argument.ts';
import { UsageError } from './usage-error.ts';

/**
 * Where a file goes: `pypi/tools` as it is, `tools` with the format that recognises the file.
 * @throws UsageError when no format does, or more than one
 */
export async function findTarget(repository: string, file: LocalFile): Promise<RepositoryId> {
  if (repository.includes('/')) return parseRepository(repository);
  const name = parseRepositoryName(repository);
  const { formats } = await import('../formats/index.ts');
  const head = await file.head();
  const [format, ...others] = formats.filter((each) => each.recognises(file.name, head)).map((each) => each.id);
  if (format === undefined) {
    const ids = formats.map((each) => `${each.id}/${name}`).join(' or ');
    throw new UsageError(`no format recognises ${file.name}`, `name the format: ${ids}`);
  }
  if (others.length > 0) {
    const ids = [format, ...others].map((id) => `${id}/${name}`).join(' or ');
    throw new UsageError(`${file.name} could be of several formats`, `name the one that you mean: ${ids}`);
  }
  return { format, name };
}
