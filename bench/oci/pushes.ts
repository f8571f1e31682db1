import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext, Row } from '../section.ts';
import { takeTurns } from '../statistics.ts';
import { ChangingBlob } from './changing-blob.ts';
import { megabytesPerSecond, perSecond } from './figures.ts';
import { type PushForm, pushBlob } from './push.ts';
import type { Registries } from './registries.ts';

const MEGABYTE = 1_000_000;
/** Pushes that go on at the same time. */
const AT_ONCE = 2;

interface Case {
  readonly megabytes: number;
  readonly form: PushForm;
  readonly rounds: number;
  /** Pushes of a round. */
  readonly pushes: number;
  readonly target?: Row['target'];
}

const TARGET = { atLeast: 1.5 };
const CASES: readonly Case[] = [
  { megabytes: 1, form: 'whole', rounds: 7, pushes: 200, target: TARGET },
  { megabytes: 1, form: 'streamed', rounds: 7, pushes: 200 },
  { megabytes: 100, form: 'whole', rounds: 7, pushes: 4, target: TARGET },
  { megabytes: 100, form: 'streamed', rounds: 7, pushes: 4, target: TARGET },
];

const HOW: Readonly<Record<PushForm, string>> = { whole: 'POST and PUT', streamed: 'POST, PATCH and PUT' };

/** Blobs that are new to the registry, each answered when it is on the disk. */
export async function pushes(context: BenchContext, registries: Registries): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of new Set(CASES.map(({ megabytes }) => megabytes))) {
    const pushers = Array.from(
      { length: AT_ONCE },
      (_, index) => new ChangingBlob(join(context.folder, `layer-${size}-${index}`), size * MEGABYTE),
    );
    for (const each of CASES.filter(({ megabytes }) => megabytes === size))
      rows.push(await compare(context, registries, pushers, each));
    for (const { path } of pushers) rmSync(path);
  }
  return rows;
}

async function compare(
  { note }: BenchContext,
  { packyard, docker }: Registries,
  pushers: readonly ChangingBlob[],
  { megabytes, form, rounds, pushes, target }: Case,
): Promise<Row> {
  const what = `push of ${megabytes} MB, ${HOW[form]}, ${AT_ONCE} at once`;
  const measure = (url: string) => async () => {
    const rate = await pushRate(url, pushers, form, pushes);
    note(`${what}: ${url} ${perSecond(rate)}, ${megabytesPerSecond(rate * megabytes * MEGABYTE)}`);
    return rate;
  };
  const contestants = { packyard: measure(packyard.url), docker: measure(docker.url) };
  for (const url of [packyard.url, docker.url]) await pushRate(url, pushers, form, Math.ceil(pushes / 4));
  const result = await takeTurns(rounds, contestants);
  const show = (rate: number) => (megabytes === 1 ? perSecond(rate) : megabytesPerSecond(rate * megabytes * MEGABYTE));
  return {
    what,
    packyard: show(result.packyard),
    peer: `docker-registry ${show(result.docker)}`,
    ratio: result.packyard / result.docker,
    ...(target && { target }),
  };
}

/** Pushes a second. */
async function pushRate(url: string, pushers: readonly ChangingBlob[], form: PushForm, count: number): Promise<number> {
  const share = Math.ceil(count / pushers.length);
  const work = pushers.map((blob) => ({ blob, states: blob.plan(share) }));
  const begin = performance.now();
  await Promise.all(
    work.map(async ({ blob, states }) => {
      for (const state of states) {
        blob.become(state);
        await pushBlob(url, 'bench/push', blob, { digest: state.digest, form });
      }
    }),
  );
  return (share * pushers.length) / ((performance.now() - begin) / 1000);
}
