import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { parseDsc, type SourceFile, sourceStanza } from './dsc.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import {
  clearSigned,
  type NamedBytes,
  type SourceOptions,
  sourcePackage,
  writeSource,
} from './fixtures/source-writer.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';

function parse(options: SourceOptions = {}) {
  return parseDsc(sourcePackage(options).dsc.bytes);
}

function digest(algorithm: 'md5' | 'sha1' | 'sha256', { bytes }: NamedBytes): string {
  return new Bun.CryptoHasher(algorithm).update(bytes).digest('hex');
}

function described(file: NamedBytes): SourceFile {
  const { name, bytes } = file;
  return {
    name,
    size: bytes.length,
    md5: digest('md5', file),
    sha1: digest('sha1', file),
    sha256: digest('sha256', file),
  };
}

const text = (content: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(content));

describe('a source package', () => {
  test.each([true, false])('says what it is, signed: %j', (signed) => {
    const { files } = sourcePackage();
    const found = parse({ signed, fields: { Section: 'net' } });
    expect(found).toMatchObject({ source: 'demo', version: '1.0', section: 'net', files: files.map(described) });
    expect(found.fields.map(({ name }) => name)).toEqual([
      ...['Format', 'Source', 'Binary', 'Architecture', 'Version', 'Maintainer', 'Standards-Version', 'Section'],
    ]);
  });

  test('may lack the weak digests', () => {
    const [file] = parse({ fields: { Files: undefined, 'Checksums-Sha1': undefined } }).files;
    expect(Object.keys(file ?? {})).toEqual(['name', 'size', 'sha256']);
  });

  test('loses fields that an index adds', () => {
    const { fields } = parse({ fields: { Package: 'other', Directory: 'x', 'Checksums-Sha512': '\n a 1 b' } });
    expect(fields.map(({ name }) => name).filter((name) => /Package|Directory|Checksums/.test(name))).toEqual([]);
  });

  test('may have files of an epoch-less version, several tarballs and signatures', () => {
    const names = [
      'demo_1.0.orig.tar.gz',
      'demo_1.0.orig-docs.tar.xz',
      'demo_1.0.orig.tar.gz.asc',
      'demo_1.0-1.debian.tar.xz',
    ];
    const files = names.map((name) => ({ name, bytes: text(name) }));
    expect(parse({ version: '1:1.0-1', files }).files.map(({ name }) => name)).toEqual(names);
  });
});

describe('a .dsc is refused', () => {
  const other = { name: 'demo_1.0.tar.gz', bytes: text('other') };
  const sha256 = digest('sha256', other);

  test.each([
    ['without a format', { Format: undefined }, /no Format/],
    ['without a source', { Source: undefined }, /no Source/],
    ['without a version', { Version: undefined }, /no Version/],
    ['without SHA-256', { 'Checksums-Sha256': undefined }, /no Checksums-Sha256/],
    ['without files', { Files: undefined, 'Checksums-Sha1': undefined, 'Checksums-Sha256': '' }, /lists no files/],
    ['with a version with a slash', { Version: '1/2' }, /not a Debian version/],
    ['with a name with a slash', { Source: '../demo' }, /not a source package's name/],
    ['with other files in Files', { Files: `\n ${'0'.repeat(32)} 5 demo_2.0.tar.gz` }, /speaks differently/],
    ['with another size in Files', { Files: `\n ${'0'.repeat(32)} 5 demo_1.0.tar.gz` }, /speaks differently/],
    ['with fewer files in Checksums-Sha1', { 'Checksums-Sha1': '' }, /speaks differently/],
    ['with a digest that is none', { 'Checksums-Sha256': '\n abc 5 demo_1.0.tar.gz' }, /not a sha256 digest/],
    ['with a size that is none', { 'Checksums-Sha256': `\n ${sha256} -5 demo_1.0.tar.gz` }, /lists no file/],
    ['with a line that is too long', { 'Checksums-Sha256': `\n ${sha256} 5 net demo_1.0.tar.gz` }, /lists no file/],
    [
      'with a file beside the name of the list',
      { 'Checksums-Sha256': `${sha256} 5 demo_1.0.tar.gz` },
      /on the lines below/,
    ],
  ])('%s', (_, fields, message) => expectRefusal(() => parse({ fields }), message));

  test.each([
    ['of another package', 'other_1.0.tar.gz', /cannot be a file of the source package demo/],
    ['that is a .dsc', 'demo_1.0.dsc', /cannot be a file/],
    ['in a folder', 'demo_1.0/a.tar.gz', /contains a slash/],
    ['in the folder above', '../demo_1.0.tar.gz', /contains a slash/],
    ['with a backslash', 'demo_1.0\\a', /contains a slash/],
  ])('with a file %s', (_, name, message) =>
    expectRefusal(() => parse({ files: [{ name, bytes: text('x') }] }), message),
  );

  test('with a file twice', () => expectRefusal(() => parse({ files: [other, other] }), /twice/));
  test('when it is empty', () => expectRefusal(() => parseDsc(new Uint8Array()), /is empty/));
  test('with CRLF', () => expectRefusal(() => parseDsc(text('Format: 1.0\r\n')), /carriage returns/));
  test('with a second paragraph', () =>
    expectRefusal(() => parse({ fields: { X: '1\n\nSource: evil' } }), /more than one paragraph/));
  test('with text around its signature', () => {
    const signed = clearSigned(Buffer.from(sourcePackage().dsc.bytes).toString());
    return expectRefusal(() => parseDsc(text(`Source: evil\n\n${signed}`)), /text before/);
  });

  test('or gives a source package, whatever is changed in it', async () => {
    const good = sourcePackage({ signed: true }).dsc.bytes;
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = new Uint8Array(good);
        bytes[at] = byte;
        await refusalOf(() => parseDsc(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the paragraph in Sources', () => {
  test('has the name as Package first, the folder, and the .dsc first in each list', () => {
    const { dsc, files } = sourcePackage();
    const lines = sourceStanza(parse(), { directory: 'pool/main/d/demo', dsc: described(dsc) }).split('\n');
    expect(lines[0]).toBe('Package: demo');
    expect(lines).toContain('Directory: pool/main/d/demo');
    expect(lines).not.toContain('Source: demo');
    for (const [field, algorithm] of [
      ['Files', 'md5'],
      ['Checksums-Sha1', 'sha1'],
      ['Checksums-Sha256', 'sha256'],
    ] as const) {
      const at = lines.indexOf(`${field}:`);
      expect(lines.slice(at + 1, at + 3)).toEqual(
        [dsc, ...files].map((file) => ` ${digest(algorithm, file)} ${file.bytes.length} ${file.name}`),
      );
    }
    expect(lines.at(-1)).toBe('');
    expect(lines).not.toContainEqual(' ');
  });

  test('leaves out a list in which a file has no digest', () => {
    const { dsc } = sourcePackage();
    const { name, size, sha256 } = described(dsc);
    const stanza = sourceStanza(parse(), { directory: 'pool', dsc: { name, size, sha256 } });
    expect(stanza).not.toMatch(/^(Files|Checksums-Sha1):/m);
    expect(stanza).toMatch(/^Checksums-Sha256:$/m);
  });

  toolTest('has the fields that apt-ftparchive gives', ['apt-ftparchive', 'dpkg-source'], async () => {
    using folder = new TempFolder('apt-sources');
    const place = folder.join('pool/main/d/demo');
    runTool(['mkdir', '-p', place]);
    const { path, dsc } = await writeSource(place, {
      signed: true,
      fields: { 'Package-List': '\n demo deb net optional arch=all', 'X-Odd': 'a' },
    });
    runTool(['dpkg-source', '--no-check', '-x', path, folder.join('unpacked')]);
    const options = ['-o', 'APT::FTPArchive::Sources::SHA512=false'];
    const index = runTool(['apt-ftparchive', ...options, 'sources', 'pool'], { cwd: folder.path });
    const fieldsOf = (stanza: string) =>
      stanza
        .trimEnd()
        .split(/\n(?! )/)
        .sort();
    const ours = sourceStanza(parseDsc(dsc.bytes), { directory: 'pool/main/d/demo', dsc: described(dsc) });
    expect(fieldsOf(ours)).toEqual(fieldsOf(index));
  });
});
