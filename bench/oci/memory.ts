import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { peakMegabytes, resetPeak, residentMegabytes } from '../processes.ts';
import type { BenchContext, Row } from '../section.ts';
import { ChangingBlob } from './changing-blob.ts';
import { pushBlob } from './push.ts';
import { startPackyard } from './registries.ts';

const GIGABYTE = 1_000_000_000;
const PUSHES = 16;
/** Megabytes. */
const LIMIT = 200;

/** What the server process has in memory while many large layers arrive at once: half of them in each form. */
export async function memory(context: BenchContext): Promise<readonly Row[]> {
  const blob = new ChangingBlob(join(context.folder, 'large-layer'), GIGABYTE);
  const [state = { beginning: new Uint8Array(), digest: '' }] = blob.plan(1);
  blob.become(state);
  await using server = await startPackyard(join(context.folder, 'packyard-oci-memory'));
  await Bun.sleep(2000);
  const idle = residentMegabytes(server.pid);
  resetPeak(server.pid);
  await Promise.all(
    Array.from({ length: PUSHES }, (_, index) =>
      pushBlob(server.url, `bench/memory-${index}`, blob, {
        digest: state.digest,
        form: index % 2 === 0 ? 'whole' : 'streamed',
      }),
    ),
  );
  const peak = peakMegabytes(server.pid);
  rmSync(blob.path);
  return [
    {
      what: `peak memory under ${PUSHES} pushes of 1 GB at once`,
      packyard: `${Math.round(peak)} MB, idle ${Math.round(idle)} MB`,
      peer: `limit ${LIMIT} MB`,
      ratio: peak / LIMIT,
      target: { atMost: 1 },
    },
  ];
}
