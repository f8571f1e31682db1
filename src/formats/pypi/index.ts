import type { Format } from '../format.ts';
import { DIGEST_FIELDS, receive } from './receive.ts';
import { recognises } from './recognises.ts';
import { mountRoutes } from './routes.ts';
import { usage } from './usage.ts';
import { compareVersions, isPreRelease, normalizeName } from './version.ts';

export const pypi: Format = {
  id: 'pypi',
  title: 'Python packages',
  olderNames: [],
  capabilities: { yank: true },
  digestFields: DIGEST_FIELDS,
  mount: mountRoutes,
  receive,
  recognises,
  normalizeName,
  compareVersions,
  isPreRelease,
  usage,
};
