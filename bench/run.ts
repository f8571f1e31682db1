import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { inCheckout } from '../tests/support/paths.ts';
import { runOk } from '../tests/support/run.ts';
import { TempFolder } from '../tests/support/temp-folder.ts';
import { type BenchContext, meetsTarget, type Row, type Section } from './section.ts';
import { apt } from './sections/apt.ts';
import { databases } from './sections/databases.ts';
import { get64k, get100m } from './sections/download.ts';
import { million } from './sections/million.ts';
import { oci, ociDatabases } from './sections/oci.ts';
import { publishToVisible } from './sections/publish.ts';
import { simple } from './sections/simple.ts';
import { start } from './sections/start.ts';
import { storage } from './sections/storage.ts';
import { memory, upload } from './sections/upload.ts';
import { workers } from './sections/workers.ts';
import { formatTable } from './table.ts';

const SECTIONS: readonly Section[] = [
  get64k,
  get100m,
  upload,
  memory,
  start,
  simple,
  publishToVisible,
  apt,
  oci,
  ociDatabases,
  databases,
  storage,
  workers,
  million,
];

/** Usage: `npm run bench`, or `npm run bench -- get64k simple` for some sections. */
async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.find((id) => !SECTIONS.some((section) => section.id === id));
  if (unknown !== undefined) {
    console.error(`there is no section ${unknown}; there are: ${SECTIONS.map((section) => section.id).join(', ')}`);
    return 2;
  }
  const setup = await runOk(['bash', inCheckout('bench/setup.sh')], { env: { HOME: process.env.HOME ?? '/root' } });
  using folder = new TempFolder('bench');
  const context: BenchContext = {
    folder: folder.path,
    peers: setup.stdout.trim(),
    note: (text) => console.error(`  ${text}`),
  };
  const rows: Row[] = [];
  for (const section of SECTIONS.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
    console.error(`${section.id}: ${section.title}`);
    rows.push(...(await section.run(context)));
  }
  const report = `${formatTable(rows)}\n\n${machine()}\n`;
  mkdirSync(inCheckout('bench/results'), { recursive: true });
  writeFileSync(inCheckout('bench/results/latest.md'), report);
  console.log(`\n${report}`);
  return rows.every(meetsTarget) ? 0 : 1;
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? arch()}, Linux ${release()}, Bun ${Bun.version}, ${new Date().toISOString()}`;
}

// The S3 server, which lives as long as this process, would keep it running.
process.exit(await main(process.argv.slice(2)));
