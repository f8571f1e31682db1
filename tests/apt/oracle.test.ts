import { describe, expect } from 'bun:test';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { bearer } from '../support/api.ts';
import { runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { debianPackages, debianTest } from './debian-archive.ts';
import { addPackage, FAST_KEYS, paragraphs, read } from './repository.ts';

const server = useServer(FAST_KEYS);

/** Fields that say where the file lies, and digests that we leave out. */
const OWN = new Set(['filename', 'sha1', 'sha512']);

/** A paragraph without order and without what differs on purpose. */
function comparable(fields: ReadonlyMap<string, string>): Record<string, string> {
  const kept = [...fields].map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  return Object.fromEntries(kept.filter(([name]) => !OWN.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function upload(paths: readonly string[], repository: string): Promise<void> {
  const queue = [...paths];
  const worker = async (): Promise<void> => {
    for (let path = queue.shift(); path; path = queue.shift()) {
      const file = { name: basename(path), bytes: new Uint8Array(readFileSync(path)) };
      const answer = await addPackage(server(), { repository }, file);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
}

describe('Debian’s own packages', async () => {
  await debianTest('have in our indices what apt-ftparchive writes, field by field', async () => {
    const paths = await debianPackages();
    await upload(paths, 'debian');
    using folder = new TempFolder('oracle');
    for (const path of paths) symlinkSync(path, folder.join(basename(path)));
    const options = { cwd: folder.path };
    const packages = (await runOk(['apt-ftparchive', '--arch', 'amd64', 'packages', '.'], options)).stdout;
    const theirs = new Map(paragraphs(packages).map((each) => [each.get('SHA256'), comparable(each)]));
    const listed = paragraphs(await read(server(), 'debian', 'dists/bookworm/main/binary-amd64/Packages'));
    const ours = new Map(listed.map((each) => [each.get('SHA256'), comparable(each)]));
    expect(ours.size).toBe(paths.length);
    for (const [digest, fields] of theirs) expect(ours.get(digest)).toEqual(fields);

    const contents = (await runOk(['apt-ftparchive', '--arch', 'amd64', 'contents', '.'], options)).stdout;
    expect(await contentsOf('debian', paths.length)).toEqual(contentLines(contents));
  });
});

/** Path and packages, whatever stands between them; without sections, which apt-ftparchive takes from override files alone. */
function contentLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, path = '', owners = ''] = /^(.*\S)\s+(\S+)$/.exec(line) ?? [];
      const names = owners.split(',').map((owner) => owner.slice(owner.lastIndexOf('/') + 1));
      return `${path} ${names.sort().join(',')}`;
    })
    .sort();
}

/** The Contents index, once it has been built for all packages. */
async function contentsOf(repository: string, packages: number): Promise<string[]> {
  const url = `${server().url}/repo/apt/${repository}/dists/bookworm/main/Contents-amd64.gz`;
  for (;;) {
    const response = await fetch(url, { headers: bearer(server().adminToken) });
    if (response.ok) {
      const lines = contentLines(Buffer.from(Bun.gunzipSync(new Uint8Array(await response.arrayBuffer()))).toString());
      const owners = new Set(lines.flatMap((line) => line.split(' ').at(-1)?.split(',') ?? []));
      if (owners.size > packages * 0.9) return lines;
    }
    await Bun.sleep(500);
  }
}
