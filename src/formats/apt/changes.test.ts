import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { parseChanges } from './changes.ts';
import { debBytes } from './fixtures/deb-writer.ts';
import { expectRefusal } from './fixtures/refusals.ts';
import { type ChangesOptions, changesFile, sourcePackage, writeSource } from './fixtures/source-writer.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';

const { dsc, files } = sourcePackage();
const deb = { name: 'demo_1.0_all.deb', bytes: debBytes({ control: { Version: '1.0' } }) };

function parse(options: Partial<ChangesOptions> = {}) {
  return parseChanges(changesFile({ files: [dsc, ...files, deb], ...options }).bytes);
}

describe('an upload', () => {
  test.each([true, false])('says what it brings, signed: %j', (signed) => {
    expect(parse({ signed, section: 'contrib/net', distribution: 'bookworm trixie' })).toEqual({
      source: 'demo',
      version: '1.0',
      distributions: ['bookworm', 'trixie'],
      binaries: ['demo'],
      architectures: ['source', 'all'],
      files: [dsc, ...files, deb].map(({ name, bytes }) => ({
        name,
        size: bytes.length,
        sha256: new Bun.CryptoHasher('sha256').update(bytes).digest('hex'),
        section: 'contrib/net',
        component: 'contrib',
      })),
    });
  });

  test('of source alone has no binaries', () => {
    expect(parse({ files: [dsc, ...files] })).toMatchObject({ binaries: [], architectures: ['source'] });
  });

  test('of a rebuilt binary package has the name of its source', () => {
    const found = parse({ files: [deb], version: '1.0+b1', fields: { Source: 'demo (1.0)' } });
    expect(found).toMatchObject({ source: 'demo', version: '1.0+b1' });
  });

  test('may say no section', () => {
    expect(parse({ section: '-' }).files[0]).toMatchObject({ section: undefined, component: undefined });
    expect(parse({ section: 'net' }).files[0]).toMatchObject({ section: 'net', component: undefined });
  });

  toolTest('is read as dpkg-genchanges writes it', ['dpkg-genchanges', 'dpkg-source'], async () => {
    using folder = new TempFolder('apt-changes');
    const { path } = await writeSource(folder.path);
    const unpacked = folder.join('demo-1.0');
    runTool(['dpkg-source', '--no-check', '-x', path, unpacked], { cwd: folder.path });
    await Bun.write(join(unpacked, 'debian/files'), '');
    const found = parseChanges(new Uint8Array(Buffer.from(runTool(['dpkg-genchanges', '-S'], { cwd: unpacked }))));
    expect(found).toMatchObject({
      source: 'demo',
      version: '1.0',
      distributions: ['unstable'],
      architectures: ['source'],
    });
    expect(found.files.map(({ name }) => name)).toContain('demo_1.0.dsc');
  });
});

describe('a .changes file is refused', () => {
  test.each([
    ['without a format', { Format: undefined }, /no Format/],
    ['without a source', { Source: undefined }, /no Source/],
    ['without a distribution', { Distribution: undefined }, /no Distribution/],
    ['without files', { Files: undefined }, /no Files/],
    ['without SHA-256', { 'Checksums-Sha256': undefined }, /no Checksums-Sha256/],
    ['with fewer files in Checksums-Sha256', { 'Checksums-Sha256': `\n ${'0'.repeat(64)} 1 a` }, /speaks differently/],
    ['with a source that is none', { Source: 'De mo' }, /no valid Source/],
    ['with a version that is none', { Version: 'x' }, /not a Debian version/],
    ['with a binary that is none', { Binary: 'demo ../x' }, /"\.\.\/x" in Binary/],
    ['with an architecture that is none', { Architecture: 'source any' }, /"any" in Architecture/],
  ])('%s', (_, fields, message) => expectRefusal(() => parse({ fields }), message));

  test('with a file in another folder', () =>
    expectRefusal(
      () => parse({ files: [dsc, { ...deb, name: '../demo_1.0.tar.gz' }], fields: { Architecture: 'all' } }),
      /contains a slash/,
    ));
  test('when it is empty', () => expectRefusal(() => parseChanges(new Uint8Array()), /is empty/));
});
