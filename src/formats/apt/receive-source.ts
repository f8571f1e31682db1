import { readFile } from 'node:fs/promises';
import { invalid } from '../../model/errors.ts';
import type { PublishItem, PublishOutcome, StagedObject } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';
import { parseDsc } from './dsc.ts';
import { CHOSEN, sourceMetadata, toJson } from './file-metadata.ts';
import { type FoundParts, findParts } from './find-parts.ts';
import { sourcePath } from './paths.ts';
import { common, type Target } from './receive.ts';
import { normalizeName } from './version.ts';

/** Descriptions are short. Bytes. */
const MAX_DESCRIPTION = 4 * 1024 * 1024;

/** Publishes a source package, whose other files have come before. */
export async function receiveSource(upload: Upload, target: Target, context: FormatContext): Promise<PublishOutcome> {
  const found = parseDsc(await readDescription(upload.staged));
  const parts = await findParts(upload, found.files, context);
  const items = await sourceItems(upload.staged, upload.fileName, target, parts);
  const outcomes = await context.registry.publishAll({ ...common(upload), items, pending: parts.pending });
  const outcome = outcomes.find(({ file }) => file.name.endsWith('.dsc'));
  if (!outcome) throw new Error('a source package was published without an outcome');
  return outcome;
}

/** A source package as it is to be published in each distribution: the .dsc and the files that it lists. */
export async function sourceItems(
  staged: StagedObject,
  fileName: string,
  { distributions, component }: Target,
  { bytes }: Pick<FoundParts, 'bytes'>,
): Promise<PublishItem[]> {
  const found = parseDsc(await readDescription(staged));
  const { source, version, files } = found;
  const metadata = toJson(sourceMetadata(found, component, (await staged.digest('md5')).hex));
  const item = (distribution: string, name: string, rest: Pick<PublishItem['file'], 'staged' | 'metadata'>) => ({
    package: normalizeName(source),
    version,
    file: { name, path: sourcePath(distribution, source, version, name), chosen: CHOSEN, ...rest },
  });
  return distributions.flatMap((distribution) => [
    item(distribution, fileName, { staged, metadata }),
    ...files.map(({ name }) => {
      const known = bytes.get(name);
      if (!known) throw invalid(`${fileName} lists ${name}, which is not there`);
      return item(distribution, name, { staged: known, metadata: toJson({ kind: 'source-part', component }) });
    }),
  ]);
}

/** @throws PackyardError `invalid_request` for what is too large to be one */
export async function readDescription(staged: StagedObject): Promise<Uint8Array> {
  if (staged.size > MAX_DESCRIPTION)
    throw invalid(`a .dsc or .changes file has ${MAX_DESCRIPTION} bytes at the most`, {
      hint: 'check what was uploaded',
    });
  return readFile(staged.path);
}
