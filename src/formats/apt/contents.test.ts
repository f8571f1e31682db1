import { afterAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { type ContentsLimits, listContents } from './contents.ts';
import type { CompressionName } from './fixtures/compress.ts';
import { type DebOptions, debBytes } from './fixtures/deb-writer.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';

const folder = new TempFolder('apt-contents');
afterAll(() => folder.dispose());
let count = 0;

async function write(options: DebOptions): Promise<string> {
  const path = folder.join(`${count++}.deb`);
  await Bun.write(path, debBytes(options));
  return path;
}

async function list(options: DebOptions, limits?: ContentsLimits): Promise<string[]> {
  return Array.fromAsync(listContents(await write(options), undefined, limits));
}

const LONG = `usr/share/${'long/'.repeat(40)}file`;
const PROGRAM: Readonly<Record<CompressionName, readonly string[]>> = {
  none: [],
  gz: [],
  zst: [],
  xz: ['xz'],
  bz2: ['bzip2'],
};

describe.each(['none', 'gz', 'zst', 'xz', 'bz2'] as const)('a data.tar with %s', (dataCompression) => {
  toolTest('is listed in its order, without folders', PROGRAM[dataCompression], async () => {
    const files = { 'usr/bin/demo': 'x'.repeat(100_000), 'etc/a b': '', [LONG]: 'y', 'usr/share/ä': 'z' };
    expect(await list({ dataCompression, files })).toEqual(Object.keys(files));
  });

  toolTest('is closed when nobody wants the rest', PROGRAM[dataCompression], async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, 'x'.repeat(5000)]));
    const path = await write({ dataCompression, files });
    for (let index = 0; index < 50; index++) {
      for await (const name of listContents(path)) {
        expect(name).toBe('f0');
        break;
      }
    }
  });

  toolTest(
    'that is cut off or changed gives nothing but names and a PackyardError',
    PROGRAM[dataCompression],
    async () => {
      const bytes = debBytes({ dataCompression });
      const path = folder.join('changed');
      for (let at = 68; at < bytes.length; at += dataCompression === 'none' ? 61 : 3) {
        const changed = new Uint8Array(bytes);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        await Bun.write(path, changed);
        await refusalOf(() => Array.fromAsync(listContents(path)));
      }
      await Bun.write(path, bytes.subarray(0, -2));
      await expectRefusal(() => Array.fromAsync(listContents(path)), /cut off/);
    },
  );
});

test('links and devices are listed, folders in any spelling are not', async () => {
  const dataEntries = [
    { name: './', type: '5' },
    { name: './usr', type: '5' },
    { name: './old/', type: '0' },
    { name: './usr/link', type: '2', target: 'x' },
    { name: '/usr/absolute', content: 'x' },
    { name: './usr/hard', type: '1', target: './usr/absolute' },
    { name: 'dev/null', type: '3' },
  ];
  expect(await list({ dataEntries })).toEqual(['usr/link', 'usr/absolute', 'usr/hard', 'dev/null']);
});

test('names that would break an index are left out', async () => {
  const dataEntries = ['a\nb', 'a\tb', 'a\u001b[31m', 'a\u0085b', 'fine'].map((name) => ({ name: `./${name}` }));
  expect(await list({ dataEntries })).toEqual(['fine']);
});

test('a package with too many files, or too much in them, is refused', async () => {
  const files = { a: 'x'.repeat(100_000), b: '', c: '' };
  await expectRefusal(() => list({ files }, { maxEntries: 3 }), /more than 3 files/);
  await expectRefusal(() => list({ files }, { maxUnpackedSize: 50_000 }), /more than 50000 bytes/);
});

test('lzma is not listed, and says so', () =>
  expectRefusal(
    () =>
      list({
        members: (all) => all.map((each) => ({ ...each, name: each.name.replace('data.tar.gz', 'data.tar.lzma') })),
      }),
    /data\.tar\.lzma cannot be listed/,
  ));

test('a signal ends the listing', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const path = await write({});
  expect(await Array.fromAsync(listContents(path, controller.signal)).catch((error: Error) => error.message)).toBe(
    'enough',
  );
});

toolTest('memory does not grow with a package', ['bzip2'], async () => {
  const files = { large: new Uint8Array(200_000_000), last: '' };
  // In a process of its own: what other tests leave behind would be measured as well.
  const script = `
    const { listContents } = await import(${JSON.stringify(join(import.meta.dir, 'contents.ts'))});
    const before = process.memoryUsage().rss;
    const names = await Array.fromAsync(listContents(process.argv.at(-1)));
    console.log(JSON.stringify([names, process.memoryUsage().rss - before]));`;
  for (const dataCompression of ['gz', 'zst', 'bz2'] as const) {
    const path = await write({ files, dataCompression });
    const [names, growth] = JSON.parse(runTool([process.execPath, '-e', script, path])) as [string[], number];
    expect(names).toEqual(['large', 'last']);
    expect(growth).toBeLessThan(100_000_000);
  }
});

toolTest('the list is that of apt-ftparchive', ['apt-ftparchive', 'dpkg-deb'], async () => {
  const root = folder.join('root');
  await Bun.write(
    join(root, 'DEBIAN/control'),
    'Package: demo\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n',
  );
  for (const name of ['usr/bin/demo', 'usr/share/a b', 'etc/demo/ä.conf', LONG]) await Bun.write(join(root, name), 'x');
  runTool(['ln', '-s', 'demo', join(root, 'usr/bin/link')]);
  runTool(['mkdir', '-p', join(root, 'var/lib/demo')]);
  const place = folder.join('pool');
  runTool(['mkdir', '-p', place]);
  runTool(['dpkg-deb', '-b', root, join(place, 'demo.deb')]);
  const index = runTool(['apt-ftparchive', 'contents', '.'], { cwd: place });
  const expected = index
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/[ \t]+\S+$/, ''));
  expect((await Array.fromAsync(listContents(join(place, 'demo.deb')))).sort()).toEqual(expected.sort());
});
