import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Distribution, makeWheel } from '../../tests/support/wheel.ts';
import type { BenchContext, Section } from '../section.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { publish, publishAll, wheelsOf } from '../wheels.ts';

const FILES_OF_A_PROJECT = 100;
const SMALL = 1_000;
const LARGE = 100_000;

export const publishToVisible: Section = {
  id: 'publish',
  title: 'from publishing a wheel to an index that lists it, by the size of the repository',
  async run(context) {
    const data = join(context.folder, 'packyard-publish');
    const token = await fill(context, data);
    await using server = await PackyardServer.start(data, { token });
    const rows = [];
    for (const [what, path, project] of [
      ['a file of a known project', 'project-3/', () => 'project-3'],
      ['a new project, on the root page', '', (turn: number) => `new-${turn}`],
    ] as const) {
      let turn = 0;
      const measure = (repository: string) => async () => {
        turn += 1;
        const wheel = makeWheel({ name: project(turn), version: `2.${turn}` });
        const page = `${server.url}/repo/pypi/${repository}/${path}`;
        return publishAndWait(server, repository, wheel, page, path === '' ? `>${wheel.name}<` : wheel.fileName);
      };
      await measure('small')();
      await measure('large')();
      const result = await takeTurns(50, { small: measure('small'), large: measure('large') });
      rows.push({
        what: `publish to visible, ${what}`,
        packyard: `${result.large.toFixed(1)} ms with ${LARGE.toLocaleString('en')} files`,
        peer: `${result.small.toFixed(1)} ms with ${SMALL.toLocaleString('en')}`,
        ratio: result.large / result.small,
        target: { atMost: 2 },
      });
    }
    return rows;
  },
};

/** Fills two repositories through the API, in memory where there is some: a hundred thousand durable writes take minutes. */
async function fill(context: BenchContext, data: string): Promise<string> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'packyard-bench-'));
  try {
    let token: string;
    {
      await using server = await PackyardServer.start(folder);
      token = server.token;
      for (const [repository, files] of [
        ['small', SMALL],
        ['large', LARGE],
      ] as const) {
        const begin = performance.now();
        await publishAll(server, repository, projects(files / FILES_OF_A_PROJECT));
        const rate = files / ((performance.now() - begin) / 1000);
        context.note(`filled ${repository}: ${files} files, ${Math.round(rate)}/s`);
      }
    }
    cpSync(folder, data, { recursive: true });
    return token;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* projects(count: number): Generator<Distribution> {
  for (let index = 0; index < count; index += 1) yield* wheelsOf(`project-${index}`, FILES_OF_A_PROJECT);
}

async function publishAndWait(
  server: PackyardServer,
  repository: string,
  wheel: Distribution,
  page: string,
  sign: string,
): Promise<number> {
  const begin = performance.now();
  await publish(server, repository, wheel);
  for (;;) {
    const text = await (await fetch(page, { headers: { accept: 'text/html' } })).text();
    if (text.includes(sign)) return performance.now() - begin;
  }
}
