import { join } from 'node:path';
import type { Section } from '../section.ts';
import { startDevpi } from '../servers/devpi.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { startPypiserver } from '../servers/pypiserver.ts';
import { takeTurns } from '../statistics.ts';
import { publishAll, wheelsOf } from '../wheels.ts';
import { wrk } from '../wrk.ts';

const FILES = 2000;
const PROJECT = 'demo';

export const simple: Section = {
  id: 'simple',
  title: `the simple page of a project with ${FILES.toLocaleString('en')} files, requests a second`,
  async run(context) {
    const { folder, peers } = context;
    context.note('filling three servers');
    await using packyard = await PackyardServer.start(join(folder, 'packyard-simple'));
    await publishAll(packyard, 'bench', wheelsOf(PROJECT, FILES));
    await using pypiserver = await startPypiserver(join(folder, 'pypiserver'), peers, wheelsOf(PROJECT, FILES));
    await using devpi = await startDevpi(join(folder, 'devpi'), peers, wheelsOf(PROJECT, FILES));
    const urls = {
      packyard: `${packyard.url}/repo/pypi/bench/${PROJECT}/`,
      pypiserver: `${pypiserver.url}/simple/${PROJECT}/`,
      devpi: `${devpi.url}/root/dev/+simple/${PROJECT}/`,
    };
    const headers = { Accept: 'text/html' };
    for (const url of Object.values(urls)) {
      const links = (await (await fetch(url, { headers })).text()).match(/<a /g)?.length ?? 0;
      if (links < FILES) throw new Error(`${url} lists ${links} files`);
    }
    const measure = (url: string, seconds: number) => async () => {
      const { requestsPerSecond } = await wrk(folder, url, { seconds, connections: 8, headers });
      context.note(`${url}: ${requestsPerSecond.toFixed(1)}/s`);
      return requestsPerSecond;
    };
    const result = await takeTurns(3, {
      packyard: measure(urls.packyard, 4),
      pypiserver: measure(urls.pypiserver, 10),
      devpi: measure(urls.devpi, 10),
    });
    return (['pypiserver', 'devpi'] as const).map((peer) => ({
      what: `simple page with ${FILES.toLocaleString('en')} files against ${peer}`,
      packyard: `${Math.round(result.packyard).toLocaleString('en')}/s`,
      peer: `${peer} ${result[peer].toFixed(1)}/s`,
      ratio: result.packyard / result[peer],
      target: { atLeast: 50 },
    }));
  },
};
