import type { IndexPlan } from '../../registry/indexes/index-plan.ts';
import { contentsPlan } from './contents-index.ts';
import { groupOf, layoutOf, releaseText, stanza } from './documents.ts';
import { fromJson } from './file-metadata.ts';
import { distributionPrefix } from './paths.ts';
import type { DistributionSettings } from './settings.ts';

const DAY = 86_400_000;

/** How the distributions of a repository become documents. @param origin what its Release files name it */
export function indexPlan(origin: string): IndexPlan {
  return {
    version: 1,
    background: contentsPlan,
    pathPrefix: distributionPrefix,
    contribution: (file) => {
      const group = groupOf(fromJson(file.metadata));
      return group === undefined ? undefined : { group, bytes: Buffer.from(stanza(file)) };
    },
    layout: (distribution, groups, settings) =>
      layoutOf(distribution, groups, settings as DistributionSettings, origin),
    seal: async ({ name, settings, documents, madeAt, signer }) => {
      const release = releaseText({
        distribution: name,
        origin,
        settings: settings as DistributionSettings,
        documents,
        madeAt,
      });
      return { Release: release, InRelease: await signer.clearSign(release, madeAt) };
    },
    // Signed again in good time: clients that look rarely must not find what has expired meanwhile.
    sealedUntil: (settings, madeAt) => {
      const { validDays } = settings as DistributionSettings;
      return validDays === undefined ? undefined : madeAt + (validDays * DAY) / 2;
    },
  };
}
