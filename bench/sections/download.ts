import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFile } from '../files.ts';
import type { BenchContext, Row, Section } from '../section.ts';
import { NginxServer } from '../servers/nginx.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { curlUpload } from '../upload.ts';
import { type WrkOptions, type WrkResult, wrk } from '../wrk.ts';

const ROUNDS = 5;

export const get64k: Section = {
  id: 'get64k',
  title: 'GET of a 64 KB file, requests a second',
  run: (context) =>
    compare(context, 64 * 1024, { seconds: 4, connections: 32 }, (result) => result.requestsPerSecond, {
      what: 'GET 64 KB against nginx',
      target: { atLeast: 0.8 },
      unit: (value) => `${Math.round(value).toLocaleString('en')}/s`,
    }),
};

export const get100m: Section = {
  id: 'get100m',
  title: 'GET of a 100 MB file, throughput',
  run: (context) =>
    compare(context, 100_000_000, { seconds: 5, connections: 4 }, (result) => result.bytesPerSecond, {
      what: 'GET 100 MB against nginx',
      target: { atLeast: 0.9 },
      unit: (value) => `${(value / 1e9).toFixed(2)} GB/s`,
    }),
};

async function compare(
  context: BenchContext,
  size: number,
  load: WrkOptions,
  figure: (result: WrkResult) => number,
  row: Pick<Row, 'what' | 'target'> & { readonly unit: (value: number) => string },
): Promise<Row[]> {
  const file = join(context.folder, `file-${size}`);
  makeFile(file, size);
  await using packyard = await PackyardServer.start(join(context.folder, `packyard-${size}`));
  await using nginx = await NginxServer.start(join(context.folder, `nginx-${size}`));
  await curlUpload(packyard, 'bench/file/1/f', file);
  copyFileSync(file, join(nginx.root, 'f'));
  const addresses = { packyard: `${packyard.url}/repo/generic/bench/file/1/f`, nginx: `${nginx.url}/f` };
  for (const url of Object.values(addresses)) await wrk(context.folder, url, { ...load, seconds: 1 });
  const measure = (url: string) => async () => {
    const value = figure(await wrk(context.folder, url, load));
    context.note(`${url}: ${row.unit(value)}`);
    return value;
  };
  const result = await takeTurns(ROUNDS, { packyard: measure(addresses.packyard), nginx: measure(addresses.nginx) });
  const figures = { packyard: row.unit(result.packyard), peer: `nginx ${row.unit(result.nginx)}` };
  return [{ what: row.what, ...figures, ratio: result.packyard / result.nginx, target: row.target }];
}
