import type { PublishItem, StoredFile } from '../../registry/model.ts';
import { CHOSEN, fromJson, toJson } from './file-metadata.ts';
import { pathIn } from './paths.ts';
import { parseComponent } from './receive.ts';

/** A file as it is published once more in another distribution: the same bytes, in the same component or another. */
export function inDistribution(
  file: StoredFile,
  distribution: string,
  options: Readonly<Record<string, string>>,
): PublishItem {
  const metadata = fromJson(file.metadata);
  const component = options.component === undefined ? metadata.component : parseComponent(options.component);
  return {
    package: file.package,
    version: file.version,
    file: {
      name: file.name,
      path: pathIn(distribution, file.path),
      staged: { sha256: file.sha256 },
      metadata: toJson({ ...metadata, component }),
      chosen: CHOSEN,
    },
  };
}
