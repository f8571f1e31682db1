import { invalid } from '../../model/errors.ts';
import type { PublishItem, PublishOutcome, StagedObject } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';
import { type Changes, parseChanges } from './changes.ts';
import { parseDsc } from './dsc.ts';
import { type FoundParts, findParts } from './find-parts.ts';
import { binaryItems, common, parseComponent, parseDistribution } from './receive.ts';
import { readDescription, sourceItems } from './receive-source.ts';

type Listed = Changes['files'][number];

/**
 * Publishes everything that a .changes file lists, in one revision: binary packages, and the source package if it is among
 * them. The distribution is what the file says, unless the uploader says another. The .changes itself is not kept.
 */
export async function receiveChanges(upload: Upload, context: FormatContext): Promise<PublishOutcome> {
  const changes = parseChanges(await readDescription(upload.staged));
  const asked = (upload.fields.get('dist') ?? []).filter((each) => each !== '');
  const distributions = [...new Set(asked.length > 0 ? asked : changes.distributions)].map(parseDistribution);
  if (distributions.length === 0) throw invalid('the .changes file names no distribution', { hint: 'give dist=…' });
  const parts = await findParts(upload, changes.files, context);
  const component = upload.fields.get('component')?.[0];
  const items: PublishItem[] = [];
  const pending = [...parts.pending];
  const staged: StagedObject[] = [];
  try {
    for (const file of changes.files) {
      const target = { distributions, component: parseComponent(component || componentOf(file)) };
      if (/\.(deb|udeb|ddeb)$/.test(file.name)) {
        staged.push(await stageAgain(file, context));
        items.push(...(await binaryItems(staged.at(-1) as StagedObject, file.name, target)));
      } else if (file.name.endsWith('.dsc')) {
        staged.push(await stageAgain(file, context));
        const dsc = staged.at(-1) as StagedObject;
        const described = await findParts(upload, parseDsc(await readDescription(dsc)).files, context);
        pending.push(...described.pending);
        items.push(...(await sourceItems(dsc, file.name, target, described)));
      }
    }
    if (items.length === 0)
      throw invalid('the .changes file lists nothing that can be published', { hint: 'it needs a .deb or a .dsc' });
    const published = items.map((item) => withKnownBytes(item, parts));
    const done = [...new Set(pending)];
    const [outcome] = await context.registry.publishAll({ ...common(upload), items: published, pending: done });
    if (!outcome) throw new Error('a .changes file was published without an outcome');
    return outcome;
  } finally {
    for (const each of staged) await each.discard();
  }
}

/** Bytes that are in the store need not be stored again: what was staged served to read them. */
function withKnownBytes(item: PublishItem, { bytes }: FoundParts): PublishItem {
  const known = [...bytes.values()].find((each) => each.sha256.equals(item.file.staged.sha256));
  return known ? { ...item, file: { ...item.file, staged: known } } : item;
}

/** `contrib/net` is in contrib (Debian Policy 2.4). */
function componentOf({ section }: Listed): string {
  return section?.includes('/') ? (section.split('/')[0] ?? 'main') : 'main';
}

/** A file that waits, once more as a local file that can be parsed. */
async function stageAgain(file: Listed, { registry }: FormatContext): Promise<StagedObject> {
  return registry.stageStored(file.sha256);
}
