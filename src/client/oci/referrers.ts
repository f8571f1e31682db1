import { parseDigest } from './digest.ts';
import { OCI_INDEX } from './media-types.ts';
import { pages } from './pages.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { type Descriptor, descriptorsIn, readFallback } from './referrers-fallback.ts';
import { RegistryNotFoundError } from './registry-error.ts';

export interface ReferrersOptions {
  readonly artifactType?: string;
  readonly signal?: AbortSignal;
}

/** What refers to a manifest, such as signatures: by the registry's API, or from the fallback tag where there is none. */
export async function* referrers(
  place: Place,
  digest: string,
  options: ReferrersOptions = {},
): AsyncGenerator<Descriptor> {
  parseDigest(digest);
  const { artifactType, signal } = options;
  // The registry may filter, and need not.
  const isWanted = (entry: Descriptor) => artifactType === undefined || entry.artifactType === artifactType;
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  const path = `${pathIn(place, `referrers/${digest}`)}${query}`;
  const scopes = [scopeOf(place.name, 'pull')];
  try {
    for await (const { body } of pages(place.connection, path, { scopes, accept: OCI_INDEX, signal })) {
      yield* descriptorsIn(body, `what refers to ${digest}`).filter(isWanted);
    }
  } catch (error) {
    if (!(error instanceof RegistryNotFoundError)) throw error;
    yield* (await readFallback(place, digest, signal)).filter(isWanted);
  }
}
