import type { RepositoryRecord } from '../../client/api-types.ts';
import { table } from '../table.ts';

/** A repository's settings, one a line. */
export function describeRepository(repository: RepositoryRecord, url: string): string {
  const { format, name, visibility, writePolicy, revision, createdAt } = repository;
  return table(
    ['repository', `${format}/${name}`],
    [
      ['address', `${url}/repo/${format}/${name}/`],
      ['visibility', visibility],
      ['write policy', writePolicy],
      ['revision', String(revision)],
      ['created', createdAt],
    ],
  );
}
