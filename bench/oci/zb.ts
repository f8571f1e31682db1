import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext, Row } from '../section.ts';
import { takeTurns } from '../statistics.ts';
import { ChangingBlob } from './changing-blob.ts';
import { perSecond } from './figures.ts';
import { pullImage } from './pull.ts';
import { type PushForm, pushBlob, pushManifest } from './push.ts';
import type { Registries } from './registries.ts';

const MEBIBYTE = 2 ** 20;
const AT_ONCE = 2;
const ROUNDS = 3;
const SIZES = [
  { megabytes: 1, images: 100 },
  { megabytes: 10, images: 40 },
  { megabytes: 100, images: 8 },
] as const;

type Work = (url: string) => Promise<void>;

/**
 * The tests that zot's benchmark has under these names, so that its figures can be put beside: whole images, each under a name of
 * its own, of which one layer makes the size; all have the same one.
 */
export async function zb(context: BenchContext, registries: Registries): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { megabytes, images } of SIZES) {
    const layer = new ChangingBlob(join(context.folder, `zb-${megabytes}`), megabytes * MEBIBYTE);
    const [state = { beginning: new Uint8Array(), digest: '' }] = layer.plan(1);
    layer.become(state);
    const pushImage = async (url: string, form: PushForm, image: string = crypto.randomUUID()) => {
      await pushBlob(url, image, layer, { digest: state.digest, form });
      await pushManifest(url, image, 'latest', [{ digest: state.digest, size: layer.size }]);
    };
    const pulled = `pulled-${megabytes}`;
    for (const { url } of [registries.packyard, registries.docker]) await pushImage(url, 'whole', pulled);
    const tests: Readonly<Record<string, Work>> = {
      [`Push Monolith ${megabytes}MB`]: (url) => pushImage(url, 'whole'),
      [`Push Chunk Streamed ${megabytes}MB`]: (url) => pushImage(url, 'streamed'),
      [`Pull ${megabytes}MB`]: (url) => pullImage(url, pulled, 'latest'),
    };
    for (const [what, work] of Object.entries(tests)) rows.push(await compare(context, registries, what, images, work));
    rmSync(layer.path);
  }
  return rows;
}

async function compare(
  { note }: BenchContext,
  { packyard, docker }: Registries,
  what: string,
  images: number,
  work: Work,
): Promise<Row> {
  const measure = (url: string) => async () => {
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let image = 0; image < images / AT_ONCE; image += 1) await work(url);
      }),
    );
    const rate = images / ((performance.now() - begin) / 1000);
    note(`${what}: ${url} ${perSecond(rate)}`);
    return rate;
  };
  for (const url of [packyard.url, docker.url]) await work(url);
  const result = await takeTurns(ROUNDS, { packyard: measure(packyard.url), docker: measure(docker.url) });
  return {
    what,
    packyard: perSecond(result.packyard),
    peer: `docker-registry ${perSecond(result.docker)}`,
    ratio: result.packyard / result.docker,
  };
}
