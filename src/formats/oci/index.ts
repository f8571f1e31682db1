import type { Format } from '../format.ts';
import { answerFailure } from './errors.ts';
import { receive } from './receive.ts';
import { mountRootRoutes, mountRoutes } from './routes.ts';
import { usage } from './usage.ts';
import { compareVersions, normalizeName } from './version.ts';

/** Container images, and whatever else is kept in OCI registries. */
export const oci: Format = {
  id: 'oci',
  title: 'Containers',
  olderNames: [],
  capabilities: { yank: false, linkedVersions: true },
  mount: mountRoutes,
  roots: ['v2', 'token'],
  mountRoots: mountRootRoutes,
  answerFailure,
  receive,
  recognises: () => false,
  normalizeName,
  compareVersions,
  usage,
};
