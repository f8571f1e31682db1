import type { Format } from '../format.ts';
import { companions } from './companions.ts';
import { inDistribution } from './in-distribution.ts';
import { indexPlan } from './index-plan.ts';
import { describe, describes, parseDistribution, receive } from './receive.ts';
import { recognises } from './recognises.ts';
import { mountRoutes } from './routes.ts';
import { changeSettings } from './settings.ts';
import { usage } from './usage.ts';
import { compareVersions, normalizeName } from './version.ts';

export const apt: Format = {
  id: 'apt',
  title: 'Debian packages',
  olderNames: [],
  capabilities: { yank: false, signing: true },
  // For clients and mirroring tools that still compare it.
  digests: ['md5'],
  indexes: {
    title: 'distribution',
    parseName: parseDistribution,
    plan: ({ name }) => indexPlan(name),
    changeSettings,
    inIndex: inDistribution,
  },
  mount: mountRoutes,
  receive,
  describe,
  describes,
  companions,
  recognises,
  normalizeName,
  compareVersions,
  usage,
};
