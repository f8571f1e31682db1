import { join } from 'node:path';
import { lists } from '../oci/lists.ts';
import { memory } from '../oci/memory.ts';
import { pulls } from '../oci/pulls.ts';
import { pushes } from '../oci/pushes.ts';
import { Registries } from '../oci/registries.ts';
import { zb } from '../oci/zb.ts';
import type { BenchContext, Row, Section } from '../section.ts';

export const oci: Section = {
  id: 'oci',
  title: 'container images: pulls, pushes, memory, long lists',
  run: async (context) => [
    ...(await beside(context, 'pulls', pulls)),
    ...(await beside(context, 'pushes', pushes)),
    ...(await memory(context)),
    ...(await lists(context, 'SQLite')),
    ...(await beside(context, 'zb', zb)),
  ],
};

export const ociDatabases: Section = {
  id: 'oci-databases',
  title: 'long lists of container images on PostgreSQL and MariaDB',
  run: async (context) => [...(await lists(context, 'PostgreSQL')), ...(await lists(context, 'MariaDB'))],
};

/** Packyard and docker-registry, empty at the beginning. */
async function beside(
  context: BenchContext,
  name: string,
  measure: (context: BenchContext, registries: Registries) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  await using registries = await Registries.start(join(context.folder, `oci-${name}`));
  return await measure(context, registries);
}
