import { join } from 'node:path';
import type { Section } from '../section.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { median } from '../statistics.ts';

const LIMIT = 300;

export const start: Section = {
  id: 'start',
  title: 'from the command to the first answer',
  async run(context) {
    const first: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const data = join(context.folder, `packyard-start-${round}`);
      let token: string;
      {
        await using server = await PackyardServer.start(data);
        first.push(server.startTime);
        token = server.token;
      }
      await using server = await PackyardServer.start(data, { token });
      again.push(server.startTime);
    }
    return [
      milliseconds('start to first answer, new data folder', median(first)),
      milliseconds('start to first answer, with data', median(again)),
    ];
  },
};

function milliseconds(what: string, value: number) {
  const figures = { packyard: `${Math.round(value)} ms`, peer: `limit ${LIMIT} ms` };
  return { what, ...figures, ratio: value / LIMIT, target: { atMost: 1 } };
}
