import type { RepositoryRecord } from '../../client/api-types.ts';
import { describeRetention } from '../../model/retention.ts';
import { table } from '../table.ts';

/** A repository's settings, one a line. */
export function describeRepository(repository: RepositoryRecord, url: string): string {
  const { format, name } = repository;
  return table(
    ['repository', `${format}/${name}`],
    [
      ['address', `${url}/repo/${format}/${name}/`],
      ['visibility', repository.visibility],
      ['write policy', repository.writePolicy],
      ['downloads', repository.downloads],
      ['immutable tags', repository.immutableTags.join(' ') || 'none'],
      ['incomplete images', repository.incompleteImages],
      ['retention', describeRetention(repository.retention)],
      ['when empty', repository.keepEmpty ? 'stays in view' : 'goes out of view'],
      ['files', String(repository.files)],
      ['revision', String(repository.revision)],
      ['created', repository.createdAt],
    ],
  );
}
