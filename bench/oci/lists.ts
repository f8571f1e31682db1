import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask, pick } from '../ask.ts';
import type { BenchContext, Row } from '../section.ts';
import { BenchDatabase, type DatabaseName } from '../servers/database.ts';
import { median, percentile } from '../statistics.ts';
import { milliseconds } from './figures.ts';
import { fillImages, IMAGES, LONG_IMAGE, TAGS, tagName } from './fill-images.ts';
import { collect } from './gc.ts';
import { startPackyard } from './registries.ts';

const ROUNDS = 3;
const REQUESTS = 200;
const PAGE = 100;
/** Milliseconds. */
const LIMIT = 10;

interface List {
  readonly what: string;
  path(): string;
  readonly target: boolean;
}

const count = (value: number) => value.toLocaleString('en');
const LISTS: readonly List[] = [
  {
    what: `page of ${PAGE} tags, of ${count(TAGS)}`,
    path: () => `/v2/${LONG_IMAGE}/tags/list?n=${PAGE}&last=${tagName(pick(TAGS))}`,
    target: true,
  },
  {
    what: `page of ${PAGE} of the catalog, of ${count(IMAGES.length + 1)}`,
    path: () => `/v2/_catalog?n=${PAGE}&last=${encodeURIComponent(IMAGES[pick(IMAGES.length)] ?? '')}`,
    target: true,
  },
  { what: `tags without n, of ${count(TAGS)}`, path: () => `/v2/${LONG_IMAGE}/tags/list`, target: false },
  { what: `catalog without n, of ${count(IMAGES.length + 1)}`, path: () => '/v2/_catalog', target: false },
];

/** Pages of long lists, at another place each time. */
export async function lists(context: BenchContext, name: DatabaseName): Promise<readonly Row[]> {
  const data = join(context.folder, `packyard-oci-${name}`);
  mkdirSync(data, { recursive: true });
  await using database = await BenchDatabase.start(name, join(data, 'packyard.db'));
  await fillImages(database.url, context.note);
  await database.settle();
  await using server = await startPackyard(data, database.flags);
  const rows: Row[] = [];
  for (const { what, path, target } of LISTS) {
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ask(REQUESTS, () => server.url + path()));
    const [p50, p99] = [50, 99].map((percent) => median(rounds.map((times) => percentile(times, percent))));
    context.note(`${name}, ${what}: p50 ${milliseconds(p50 ?? 0)}, p99 ${milliseconds(p99 ?? 0)}`);
    rows.push({
      what: `${what}, ${name}`,
      packyard: `p50 ${milliseconds(p50 ?? Number.NaN)}, p99 ${milliseconds(p99 ?? Number.NaN)}`,
      peer: `limit ${LIMIT} ms`,
      ratio: (p50 ?? Number.NaN) / LIMIT,
      ...(target && { target: { atMost: 1 } }),
    });
  }
  rows.push(await collect(context, name, server, database));
  return rows;
}
