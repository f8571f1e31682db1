import { inCheckout } from '../../tests/support/paths.ts';
import { runOk } from '../../tests/support/run.ts';
import type { BenchContext, Row } from '../section.ts';
import type { BenchDatabase, DatabaseName } from '../servers/database.ts';
import type { PackyardServer } from '../servers/packyard.ts';
import { percentile } from '../statistics.ts';
import { milliseconds, perSecond } from './figures.ts';
import { BLOBS } from './fill-images.ts';
import { pushBytes } from './push.ts';

/** Garbage is looked for by the command while images are pushed to the server. */
export async function collect(
  { note }: BenchContext,
  name: DatabaseName,
  server: PackyardServer,
  database: BenchDatabase,
): Promise<Row> {
  const before = await pushUntil(server, Bun.sleep(2000));
  const command = ['node', inCheckout('bin/packyard'), 'gc', '--json', '--data', server.data, ...database.flags];
  const begin = performance.now();
  const work = runOk(command);
  const during = await pushUntil(server, work);
  const seconds = (performance.now() - begin) / 1000;
  note(`${name}, gc: ${(await work).stdout.trim()}`);
  const p99 = (times: readonly number[]) => milliseconds(percentile(times, 99));
  return {
    what: `gc, blobs looked at, ${name}`,
    packyard: `${perSecond(BLOBS / seconds)}; pushes meanwhile p99 ${p99(during)}`,
    peer: `pushes without p99 ${p99(before)}`,
    ratio: percentile(during, 99) / percentile(before, 99),
  };
}

/** Milliseconds that each push of a small layer took, one after another, as long as the work goes on. */
async function pushUntil(server: PackyardServer, work: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  let running = true;
  const end = () => {
    running = false;
  };
  work.then(end, end);
  while (running) {
    const begin = performance.now();
    await pushBytes(server.url, 'bench/meanwhile', crypto.getRandomValues(new Uint8Array(1000)));
    times.push(performance.now() - begin);
  }
  await work;
  return times;
}
