import { LRUCache } from 'lru-cache';
import type { PackageStatus, Repository } from '../../registry/model.ts';
import type { Registry } from '../../registry/registry.ts';

interface Entry {
  readonly revision: number;
  readonly status: PackageStatus | undefined;
}

/** Projects' status markers, remembered for one revision of their repository: downloads need them, and must stay cheap. */
export class PackageStatuses {
  readonly #known = new LRUCache<string, Entry>({ max: 10_000 });

  async get(registry: Registry, repository: Repository, project: string): Promise<PackageStatus | undefined> {
    const key = `${repository.id}/${project}`;
    const known = this.#known.get(key);
    if (known?.revision === repository.revision) return known.status;
    const status = (await registry.package(repository, project))?.status;
    this.#known.set(key, { revision: repository.revision, status });
    return status;
  }
}
