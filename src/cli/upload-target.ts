import type { RepositoryId } from '../client/api-types.ts';
import { parseRepositoryName } from '../model/repository-ref.ts';
import type { LocalFile } from './local-file.ts';
import { parseRepository } from './repository-argument.ts';
import { UsageError } from './usage-error.ts';

/**
 * Where a file goes: `pypi/tools` as it is, `tools` to the first format that recognises the file.
 * @throws UsageError when none does
 */
export async function findTarget(repository: string, file: LocalFile): Promise<RepositoryId> {
  if (repository.includes('/')) return parseRepository(repository);
  const name = parseRepositoryName(repository);
  const { formats } = await import('../formats/index.ts');
  const head = await file.head();
  const format = formats.find((each) => each.recognises(file.name, head));
  if (format) return { format: format.id, name };
  const ids = formats.map((each) => `${each.id}/${name}`).join(' or ');
  throw new UsageError(`no format recognises ${file.name}`, ids);
}
