import type { Format } from '../format.ts';
import { receive } from './receive.ts';
import { mountRoutes } from './routes.ts';
import { usage } from './usage.ts';
import { compareVersions, normalizeName } from './version.ts';

/** Versioned files of any kind. Also the format for whatever no other one recognises, so it is the last in the list. */
export const generic: Format = {
  id: 'generic',
  title: 'Files',
  olderNames: ['tar'],
  capabilities: { yank: false },
  mount: mountRoutes,
  receive,
  recognises: () => true,
  normalizeName,
  compareVersions,
  usage,
};
