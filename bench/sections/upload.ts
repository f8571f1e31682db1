import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { changeFile, makeFile } from '../files.ts';
import { cpuSeconds, peakMegabytes, resetPeak, residentMegabytes } from '../processes.ts';
import type { Section } from '../section.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { curlUpload } from '../upload.ts';

const GIBIBYTE = 2 ** 30;

export const upload: Section = {
  id: 'upload',
  title: 'upload of 1 GiB, CPU time of the server',
  async run(context) {
    const file = join(context.folder, 'upload-1g');
    makeFile(file, GIBIBYTE);
    await using server = await PackyardServer.start(join(context.folder, 'packyard-upload'));
    let round = 0;
    const packyard = async () => {
      changeFile(file);
      round += 1;
      const before = cpuSeconds(server.pid);
      await curlUpload(server, `bench/upload/${round}/f`, file);
      const seconds = cpuSeconds(server.pid) - before;
      context.note(`upload: ${seconds.toFixed(2)} CPU s`);
      const options = { method: 'DELETE', headers: server.authorization };
      await fetch(`${server.url}/repo/generic/bench/upload/${round}/f`, options);
      return seconds;
    };
    const openssl = async () => {
      const child = Bun.spawn(['openssl', 'dgst', '-sha256', file], { stdout: 'ignore' });
      await child.exited;
      const seconds = Number(child.resourceUsage()?.cpuTime.total ?? 0n) / 1e6;
      context.note(`openssl: ${seconds.toFixed(2)} CPU s`);
      return seconds;
    };
    await openssl();
    const result = await takeTurns(3, { packyard, openssl });
    rmSync(file);
    return [
      {
        what: 'upload 1 GiB, CPU',
        packyard: `${result.packyard.toFixed(2)} s`,
        peer: `openssl dgst -sha256 ${result.openssl.toFixed(2)} s`,
        ratio: result.packyard / result.openssl,
        target: { atMost: 2.5 },
      },
    ];
  },
};

export const memory: Section = {
  id: 'memory',
  title: 'memory of the server process, idle and under 16 uploads of 1 GB at once',
  async run(context) {
    await using server = await PackyardServer.start(join(context.folder, 'packyard-memory'));
    await Bun.sleep(2000);
    const idle = residentMegabytes(server.pid);
    const file = join(context.folder, 'upload-1gb');
    makeFile(file, 1e9);
    resetPeak(server.pid);
    await Promise.all(Array.from({ length: 16 }, (_, index) => curlUpload(server, `bench/memory/${index}/f`, file)));
    const peak = peakMegabytes(server.pid);
    rmSync(file);
    return [megabytes('idle memory', idle, 90), megabytes('peak memory under 16 uploads of 1 GB', peak, 200)];
  },
};

function megabytes(what: string, value: number, limit: number) {
  const figures = { packyard: `${Math.round(value)} MB`, peer: `limit ${limit} MB` };
  return { what, ...figures, ratio: value / limit, target: { atMost: 1 } };
}
