import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newBucket, s3Server, s3Url } from '../../tests/support/seaweedfs.ts';
import { changeFile, makeFile } from '../files.ts';
import type { BenchContext, Row, Section } from '../section.ts';
import { PackyardServer } from '../servers/packyard.ts';
import { takeTurns } from '../statistics.ts';
import { curlUpload } from '../upload.ts';
import { type WrkOptions, type WrkResult, wrk } from '../wrk.ts';

/** More than the server keeps in memory: 500 files of 64 KB. */
const MANY = 500;
const SMALL = 64 * 1024;
const LARGE = 100_000_000;

export const storage: Section = {
  id: 'storage',
  title: 'a folder and S3 (SeaweedFS): downloads and uploads',
  async run(context) {
    const { folder } = context;
    const small = join(folder, 'storage-small');
    const large = join(folder, 'storage-large');
    makeFile(small, SMALL);
    makeFile(large, LARGE);
    await using disk = await PackyardServer.start(join(folder, 'storage-disk'));
    const bucket = s3Url(newBucket(await s3Server()));
    await using s3 = await PackyardServer.start(join(folder, 'storage-s3'), { flags: ['--storage', bucket] });
    const servers = { disk, s3 };
    context.note(`filling both with ${MANY} small files and a large one`);
    for (let index = 0; index < MANY; index += 1) {
      changeFile(small);
      for (const server of Object.values(servers)) await curlUpload(server, `bench/small/1/${index}`, small);
    }
    for (const server of Object.values(servers)) await curlUpload(server, 'bench/large/1/f', large);
    const paths = Array.from({ length: MANY }, (_, index) => `/repo/generic/bench/small/1/${index}`);
    const rows = [
      ...(await downloads(context, servers, 'GET 64 KB, one file', requests, {
        connections: 32,
        paths: paths.slice(0, 1),
      })),
      ...(await downloads(context, servers, `GET 64 KB, of ${MANY} files`, requests, { connections: 32, paths })),
      ...(await downloads(context, servers, 'GET 100 MB', bytes, {
        connections: 4,
        paths: ['/repo/generic/bench/large/1/f'],
      })),
      ...(await uploads(context, servers, 'upload 64 KB', small, 40)),
      ...(await uploads(context, servers, 'upload 100 MB', large, 5)),
    ];
    rmSync(large);
    return rows;
  },
};

interface Servers {
  readonly disk: PackyardServer;
  readonly s3: PackyardServer;
}

interface Figure {
  of(result: WrkResult): number;
  show(value: number): string;
}

const requests: Figure = {
  of: (result) => result.requestsPerSecond,
  show: (value) => `${Math.round(value).toLocaleString('en')}/s`,
};
const bytes: Figure = { of: (result) => result.bytesPerSecond, show: (value) => `${(value / 1e6).toFixed(0)} MB/s` };

async function downloads(
  { folder, note }: BenchContext,
  { disk, s3 }: Servers,
  what: string,
  figure: Figure,
  load: Pick<WrkOptions, 'connections' | 'paths'>,
): Promise<Row[]> {
  const measure = (server: PackyardServer) => async () =>
    figure.of(await wrk(folder, server.url, { ...load, seconds: 4 }));
  const result = await takeTurns(3, { disk: measure(disk), s3: measure(s3) });
  return [row(note, what, result, figure.show)];
}

async function uploads(
  { note }: BenchContext,
  { disk, s3 }: Servers,
  what: string,
  file: string,
  rounds: number,
): Promise<Row[]> {
  let turn = 0;
  const measure = (server: PackyardServer) => async () => {
    turn += 1;
    changeFile(file);
    const begin = performance.now();
    await curlUpload(server, `bench/${what.replaceAll(' ', '-')}/1/${turn}`, file);
    return performance.now() - begin;
  };
  const result = await takeTurns(rounds, { disk: measure(disk), s3: measure(s3) });
  return [row(note, what, result, (value) => `${value.toFixed(0)} ms`)];
}

function row(
  note: BenchContext['note'],
  what: string,
  result: { readonly disk: number; readonly s3: number },
  show: (value: number) => string,
): Row {
  note(`${what}: folder ${show(result.disk)}, S3 ${show(result.s3)}`);
  return {
    what: `${what}, S3 against a folder`,
    packyard: show(result.s3),
    peer: `folder ${show(result.disk)}`,
    ratio: result.s3 / result.disk,
  };
}
