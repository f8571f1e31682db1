import type { Format } from '../format.ts';
import { receive } from './receive.ts';
import { recognises } from './recognises.ts';
import { mount } from './routes.ts';
import { usage } from './usage.ts';
import { compareVersions, normalizeName } from './version.ts';

export const pypi: Format = {
  id: 'pypi',
  title: 'Python packages',
  olderNames: [],
  capabilities: { yank: true },
  mount,
  receive,
  recognises,
  normalizeName,
  compareVersions,
  usage,
};
