import { join } from 'node:path';
import { writeTar } from '../../src/formats/apt/fixtures/tar-writer.ts';
import { inCheckout } from '../../tests/support/paths.ts';
import { runOk } from '../../tests/support/run.ts';
import { makeDeb, writeDebs } from '../debs.ts';
import type { BenchContext, Row, Section } from '../section.ts';
import { type DebTool, debTools } from '../servers/deb-tools.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { median, takeTurns } from '../statistics.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
/** The other tools take time in proportion to the repository: the largest size would take them minutes for each package. */
const PEER_SIZES = [1_000, 10_000] as const;
const ROUNDS = 30;
const PEER_ROUNDS = 5;
const ARCHIVE = 10_000;

export const apt: Section = {
  id: 'apt',
  title: 'a Debian package until it is in a signed InRelease, and ten thousand of them',
  async run(context) {
    await using server = await PackyardServer.start(join(context.folder, 'packyard-apt'));
    const folder = join(context.folder, 'debs');
    const loads = new Map<string, number>();
    const single = new Map<string, number>();
    for (const size of PEER_SIZES) {
      const debs = writeDebs(join(folder, String(size)), `s${size}`, size);
      const tools = await debTools(join(context.folder, `tools-${size}`));
      if (size === 10_000) loads.set('packyard', await loadByCommand(server, 'loaded', debs));
      for (const tool of tools) {
        loads.set(`${tool.name} ${size}`, await tool.load(debs));
        context.note(`${tool.name}: loaded ${size}`);
      }
      await fill(server, size, context);
      const turns = await turnsOf(server, size, tools, folder);
      for (const [name, time] of Object.entries(turns)) single.set(`${name} ${size}`, time);
    }
    await fill(server, 100_000, context);
    const sizes = await takeTurns(ROUNDS, {
      small: () => publishOne(server, 1_000),
      middle: () => publishOne(server, 10_000),
      large: () => publishOne(server, 100_000),
    });
    return rowsOf(loads, single, sizes);
  },
};

function rowsOf(
  loads: ReadonlyMap<string, number>,
  single: ReadonlyMap<string, number>,
  sizes: Readonly<Record<'small' | 'middle' | 'large', number>>,
): Row[] {
  const rows: Row[] = [];
  for (const size of PEER_SIZES)
    for (const peer of ['aptly', 'reprepro', 'apt-ftparchive']) {
      const ours = single.get(`packyard ${size}`) ?? Number.NaN;
      const theirs = single.get(`${peer} ${size}`) ?? Number.NaN;
      rows.push({
        what: `one more .deb into ${size.toLocaleString('en')}, times as fast as ${peer}`,
        packyard: `${ours.toFixed(1)} ms`,
        peer: `${peer} ${theirs.toFixed(0)} ms`,
        ratio: theirs / ours,
        ...(peer === 'aptly' && size === 10_000 && { target: { atLeast: 50 } }),
      });
    }
  const known = (size: number) => size.toLocaleString('en');
  rows.push({
    what: `one more .deb into ${known(100_000)} against ${known(1_000)}`,
    packyard: `${sizes.large.toFixed(1)} ms`,
    peer: `${sizes.small.toFixed(1)} ms; ${sizes.middle.toFixed(1)} ms with ${known(10_000)}`,
    ratio: sizes.large / sizes.small,
    target: { atMost: 2 },
  });
  for (const peer of ['aptly', 'reprepro', 'apt-ftparchive']) {
    const [ours, theirs] = [loads.get('packyard') ?? Number.NaN, loads.get(`${peer} 10000`) ?? Number.NaN];
    rows.push({
      what: `10,000 .debs by packyard upload, to the signed index, against ${peer}`,
      packyard: `${(ours / 1000).toFixed(2)} s`,
      peer: `${peer} ${(theirs / 1000).toFixed(2)} s`,
      ratio: ours / theirs,
      ...(peer === 'aptly' && { target: { atMost: 1 } }),
    });
  }
  return rows;
}

async function turnsOf(
  server: PackyardServer,
  size: number,
  tools: readonly DebTool[],
  folder: string,
): Promise<Record<string, number>> {
  let turn = 0;
  const contestants = Object.fromEntries(
    tools.map((tool) => [
      tool.name,
      async () => {
        turn += 1;
        const [deb = ''] = writeDebs(join(folder, `more-${size}-${tool.name}-${turn}`), `m${turn}`, 1);
        return tool.publishOne(deb);
      },
    ]),
  );
  // So short a time is measured several times in each turn.
  const packyard = async () => {
    const times = [];
    for (let time = 0; time < ROUNDS / PEER_ROUNDS; time += 1) times.push(await publishOne(server, size));
    return median(times);
  };
  await packyard();
  return takeTurns(PEER_ROUNDS, { ...contestants, packyard });
}

let next = 0;

/** One more package by the API, until the InRelease that lists it has been read. */
async function publishOne(server: PackyardServer, size: number): Promise<number> {
  next += 1;
  const form = new FormData();
  form.append('f', new Blob([makeDeb('one', next)]), 'package.deb');
  const begin = performance.now();
  const url = `${server.url}/addpkg?provider=apt&reponame=size-${size}&dist=bookworm`;
  const answer = await fetch(url, { method: 'POST', headers: server.authorization, body: form });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.text();
  await readRelease(server, `size-${size}`);
  return performance.now() - begin;
}

async function readRelease(server: PackyardServer, repository: string): Promise<void> {
  const answer = await fetch(`${server.url}/repo/apt/${repository}/dists/bookworm/InRelease`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.text();
}

/** What a person types, from the start of the command to the InRelease. */
async function loadByCommand(server: PackyardServer, repository: string, debs: readonly string[]): Promise<number> {
  const env = { PACKYARD_URL: server.url, PACKYARD_TOKEN: server.token };
  const begin = performance.now();
  await runOk(['node', inCheckout('bin/packyard'), 'upload', `apt/${repository}`, ...debs, '--dist', 'bookworm'], {
    env,
  });
  await readRelease(server, repository);
  return performance.now() - begin;
}

async function fill(server: PackyardServer, size: (typeof SIZES)[number], context: BenchContext): Promise<void> {
  for (let from = 0; from < size; from += ARCHIVE) {
    const count = Math.min(ARCHIVE, size - from);
    const tar = writeTar(
      Array.from({ length: count }, (_, index) => ({
        name: `${from + index}.deb`,
        content: makeDeb(`f${size}`, from + index),
      })),
    );
    const url = `${server.url}/addpkg?provider=apt&reponame=size-${size}&dist=bookworm`;
    const headers = { ...server.authorization, 'content-type': 'application/x-tar' };
    const answer = await fetch(url, { method: 'POST', headers, body: tar });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    await answer.text();
  }
  await readRelease(server, `size-${size}`);
  context.note(`packyard: filled ${size}`);
}
