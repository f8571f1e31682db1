import { join } from 'node:path';
import { makeFile } from '../files.ts';
import type { Row, Section } from '../section.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { curlUpload } from '../upload.ts';
import { publishAll, wheelsOf } from '../wheels.ts';
import { wrk } from '../wrk.ts';

const FILES = 100;
const PUBLISHERS = 8;
const WHEELS = 400;

export const workers: Section = {
  id: 'workers',
  title: 'one worker and two',
  async run(context) {
    const { folder, note } = context;
    const file = join(folder, 'workers-64k');
    makeFile(file, 64 * 1024);
    await using one = await PackyardServer.start(join(folder, 'workers-one'));
    await using two = await PackyardServer.start(join(folder, 'workers-two'), { flags: ['--workers', '2'] });
    for (const server of [one, two]) {
      await curlUpload(server, 'bench/file/1/f', file);
      await publishAll(server, 'bench', wheelsOf('demo', FILES));
    }
    const compare = async (what: string, measure: (server: PackyardServer) => Promise<number>): Promise<Row> => {
      const result = await takeTurns(3, { one: () => measure(one), two: () => measure(two) });
      note(`${what}: one worker ${perSecond(result.one)}, two ${perSecond(result.two)}`);
      return {
        what: `${what}, two workers against one`,
        packyard: perSecond(result.two),
        peer: `one ${perSecond(result.one)}`,
        ratio: result.two / result.one,
      };
    };
    const get = (path: string, connections: number) => async (server: PackyardServer) =>
      (await wrk(folder, `${server.url}${path}`, { seconds: 4, connections })).requestsPerSecond;
    let turn = 0;
    const upload = async (server: PackyardServer): Promise<number> => {
      turn += 1;
      const wheels = [...wheelsOf(`upload-${turn}`, WHEELS)];
      const begin = performance.now();
      await publishAll(server, 'bench', wheels.values(), PUBLISHERS);
      return WHEELS / ((performance.now() - begin) / 1000);
    };
    return [
      await compare('GET 64 KB', get('/repo/generic/bench/file/1/f', 32)),
      await compare(`simple page with ${FILES} files`, get('/repo/pypi/bench/demo/', 32)),
      await compare(`uploads of wheels by ${PUBLISHERS}`, upload),
    ];
  },
};

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}
