import { afterAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import fc from 'fast-check';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import type { ArMemberInput } from './fixtures/ar-writer.ts';
import { type CompressionName, compress, suffixOf } from './fixtures/compress.ts';
import { controlContent, type DebOptions, debBytes } from './fixtures/deb-writer.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import { writeTar } from './fixtures/tar-writer.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';
import { type BinaryPackage, parseDeb } from './parse.ts';

const folder = new TempFolder('apt-deb');
afterAll(() => folder.dispose());
let count = 0;

async function write(bytes: Uint8Array): Promise<string> {
  const path = folder.join(String(count++));
  await Bun.write(path, bytes);
  return path;
}

async function parse(options: DebOptions | Uint8Array = {}): Promise<BinaryPackage> {
  return parseDeb(await write(options instanceof Uint8Array ? options : debBytes(options)));
}

const PROGRAM: Readonly<Record<CompressionName, readonly string[]>> = {
  none: [],
  gz: [],
  zst: [],
  xz: ['xz'],
  bz2: ['bzip2'],
};
const MEGABYTE = 1024 * 1024;

describe('a package', () => {
  test('says what it is', async () => {
    expect(await parse({ control: { Section: 'contrib/net', Depends: 'libc6 (>= 2.36),\n bash' } })).toEqual({
      package: 'demo',
      version: '1.0-1',
      architecture: 'all',
      source: { name: 'demo', version: '1.0-1' },
      section: 'contrib/net',
      control:
        'Package: demo\nVersion: 1.0-1\nArchitecture: all\nMaintainer: Test <test@example.org>\n' +
        'Description: package for tests\n It does nothing.\nSection: contrib/net\nDepends: libc6 (>= 2.36),\n bash\n',
    });
  });

  toolTest('is read also when many come at once, and broken ones among them', ['xz'], async () => {
    const good = await write(debBytes({ compression: 'xz' }));
    const broken = await write(
      debBytes({ members: (all) => all.map((each) => ({ ...each, name: each.name.replace('tar.gz', 'tar.xz') })) }),
    );
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => parseDeb(index % 2 ? good : broken)),
    );
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? 'fulfilled' : 'rejected')),
    );
  });

  test.each([
    ['glibc', { name: 'glibc', version: '1.0-1' }],
    ['glibc (2.36-9)', { name: 'glibc', version: '2.36-9' }],
    ['', { name: 'demo', version: '1.0-1' }],
    ['Some Thing', { name: 'demo', version: '1.0-1' }],
    ['/usr/src/demo', { name: 'demo', version: '1.0-1' }],
    ['glibc (x)', { name: 'demo', version: '1.0-1' }],
  ])('was built from the source %j', async (source, expected) => {
    expect((await parse({ control: { Source: source } })).source).toEqual(expected);
  });

  test('keeps unknown fields in order, and loses those that an index adds', async () => {
    const control =
      'X-First: 1\nPackage: demo\nFilename: a\nSize: 1\nMD5Sum: a\nSHA1: a\nsha256: a\nSHA512: a\nDescription-md5: a\nVersion: 1\nEmpty:  \nArchitecture: all\nX-Last: 2\n';
    expect((await parse({ control })).control).toBe(
      'X-First: 1\nPackage: demo\nVersion: 1\nEmpty:\nArchitecture: all\nX-Last: 2\n',
    );
  });

  test('needs neither a maintainer nor a description, of whose lack dpkg warns only', async () => {
    expect((await parse({ control: { Maintainer: undefined, Description: undefined } })).package).toBe('demo');
  });

  test.each(['gnu', 'ustar', 'pax'] as const)('may have tar archives in %s format', async (tarFormat) => {
    expect((await parse({ tarFormat, files: { [`${'long/'.repeat(30)}file`]: 'x' } })).package).toBe('demo');
  });

  test('may have its control file without ./ and further files beside it', async () => {
    const controlEntries = [
      { name: 'md5sums', content: '' },
      { name: 'control', content: controlContent() },
      { name: 'postinst', content: '#!/bin/sh\n', mode: 0o755 },
    ];
    expect((await parse({ controlEntries })).package).toBe('demo');
  });

  test('may have a control archive that is too large for one go', async () => {
    const controlEntries = [
      { name: './md5sums', content: new Uint8Array(3 * MEGABYTE) },
      { name: './control', content: controlContent() },
    ];
    for (const compression of ['none', 'gz', 'zst'] as const) {
      expect((await parse({ controlEntries, compression })).package).toBe('demo');
    }
  });

  test('may have members of its own, if they begin with _ or come last', async () => {
    const extra: ArMemberInput = { name: '_gpgorigin', content: 'signature' };
    const place = (at: number) => (members: readonly ArMemberInput[]) => [
      ...members.slice(0, at),
      extra,
      ...members.slice(at),
    ];
    for (const at of [1, 2, 3]) expect((await parse({ members: place(at) })).package).toBe('demo');
    expect((await parse({ members: (members) => [...members, { name: 'anything', content: 'x' }] })).package).toBe(
      'demo',
    );
  });

  test('may have a slash behind the names of its members, as GNU ar writes them', async () => {
    expect((await parse({ members: (members) => members.map((member) => ({ ...member, slash: true })) })).package).toBe(
      'demo',
    );
  });
});

describe.each(['none', 'gz', 'zst', 'xz'] as const)('control.tar with %s', (compression) => {
  describe.each(['none', 'gz', 'zst', 'xz', 'bz2'] as const)('and data.tar with %s', (dataCompression) => {
    toolTest('is read', [...PROGRAM[compression], ...PROGRAM[dataCompression]], async () => {
      expect((await parse({ compression, dataCompression })).package).toBe('demo');
    });
  });

  toolTest(
    'is read as dpkg-deb makes it, and dpkg-deb reads what the writer makes',
    ['dpkg-deb', ...PROGRAM[compression]],
    async () => {
      const name = { none: 'none', gz: 'gzip', zst: 'zstd', xz: 'xz' }[compression];
      const root = folder.join(`root-${compression}`);
      await Bun.write(join(root, 'DEBIAN/control'), controlContent());
      await Bun.write(join(root, 'usr/share/demo'), 'x');
      runTool(['dpkg-deb', '--root-owner-group', `-Z${name}`, '--uniform-compression', '-b', root, `${root}.deb`]);
      expect((await parseDeb(`${root}.deb`)).control).toBe(String(controlContent()));
      const ours = await write(debBytes({ compression }));
      expect(runTool(['dpkg-deb', '-f', ours])).toBe(String(controlContent()));
      expect(runTool(['dpkg-deb', '-c', ours])).toContain('./usr/share/doc/demo/README');
    },
  );

  toolTest('is refused when it is a bomb', PROGRAM[compression], async () => {
    const controlEntries = [
      { name: './bomb', content: new Uint8Array(65 * MEGABYTE) },
      { name: './control', content: controlContent() },
    ];
    await expectRefusal(() => parse({ controlEntries, compression }), /unpacks to more than/);
  });

  toolTest('is refused with a control file of 100 MB', PROGRAM[compression], async () => {
    const control = Buffer.concat([
      Buffer.from(`${controlContent()}X-Large: `),
      Buffer.alloc(100_000_000, 'x'),
      Buffer.from('\n'),
    ]);
    await expectRefusal(() => parse({ control, compression, dataCompression: 'none' }), /larger than 1048576 bytes/);
  });
});

describe('a file is refused', () => {
  test('when it is empty', () => expectRefusal(() => parse(new Uint8Array()), /empty/));
  test('when it is no package', () =>
    expectRefusal(() => parse(Buffer.from('PK\u0003\u0004'.repeat(100))), /not a Debian package/));
  test('when it is no file at all, as what the disk says', async () => {
    expect(await parseDeb(folder.join('missing')).catch((error: { code?: string }) => error.code)).toBe('ENOENT');
  });

  const arranged = (members: (members: readonly ArMemberInput[]) => readonly ArMemberInput[]) => () =>
    parse({ members });
  const named = (index: number, name: string) =>
    arranged((all) => all.map((each, at) => (at === index ? { ...each, name } : each)));

  test.each([
    ['without debian-binary', arranged(([, ...rest]) => rest), /first member is "control\.tar\.gz"/],
    [
      'without control.tar',
      arranged(([first, , last]) => [first, last].flatMap((each) => each ?? [])),
      /where "control\.tar" belongs/,
    ],
    ['without data.tar', arranged((all) => all.slice(0, 2)), /has nothing where "data\.tar" belongs/],
    [
      'with members in another order',
      arranged(([a, b, c]) => [a, c, b].flatMap((each) => each ?? [])),
      /where "control\.tar" belongs/,
    ],
    [
      'with a member before control.tar',
      arranged(([a, ...rest]) => [a ?? rest[0], { name: 'x', content: '' }, ...rest].flatMap((each) => each ?? [])),
      /"x" where/,
    ],
    [
      'with a second control.tar at its end',
      arranged((all) => [...all, ...all.slice(1, 2)]),
      /second "control\.tar\.gz"/,
    ],
    [
      'with a second data.tar of another kind',
      arranged((all) => [...all, { name: 'data.tar', content: 'x' }]),
      /second "data\.tar"/,
    ],
    ['with a second debian-binary', arranged((all) => [...all, ...all.slice(0, 1)]), /second "debian-binary"/],
    [
      'with a format that is not 2',
      arranged((all) => [{ name: 'debian-binary', content: '3.0\n' }, ...all.slice(1)]),
      /format version/,
    ],
    [
      'with a format that does not end',
      arranged((all) => [{ name: 'debian-binary', content: '2.0' }, ...all.slice(1)]),
      /format version/,
    ],
    ['with a control.tar in bzip2', named(1, 'control.tar.bz2'), /compressed in a way that is not known/],
    ['with a control.tar in something else', named(1, 'control.tarball'), /compressed in a way that is not known/],
    ['with a data.tar in something else', named(2, 'data.tar.lz4'), /compressed in a way that is not known/],
    [
      'with an empty data.tar',
      arranged((all) => [...all.slice(0, 2), { name: 'data.tar', content: '' }]),
      /data\.tar is empty/,
    ],
    [
      'with an empty control.tar',
      arranged(([a, , c]) => [a, { name: 'control.tar', content: '' }, c].flatMap((each) => each ?? [])),
      /control\.tar is empty/,
    ],
    ['with a control.tar that says another compression', named(1, 'control.tar.zst'), /cannot be decompressed/],
  ])('%s', (_, run, message) => expectRefusal(run, message));

  test('with a data.tar in lzma it is not refused: dpkg reads those', async () => {
    expect(await refusalOf(named(2, 'data.tar.lzma'))).toBeUndefined();
  });

  const good = { name: './control', content: controlContent() };

  test.each([
    ['without a control file', [{ name: './md5sums' }], /no control file/],
    ['with two control files', [good, good], /two control files/],
    ['with two control files in two spellings', [good, { ...good, name: 'control' }], /two control files/],
    ['with an absolute control file', [good, { ...good, name: '/control' }], /is named "\/control"/],
    ['with a control file in an odd spelling', [{ ...good, name: './/control' }], /is named/],
    ['with a control file that is a link', [{ name: './control', type: '2', target: 'x' }], /not a regular file/],
    ['with a control folder', [{ name: './control/', type: '5' }], /is named/],
  ])('%s', (_, controlEntries, message) => expectRefusal(() => parse({ controlEntries }), message));

  test('with a cut-off control archive inside', () =>
    expectRefusal(
      arranged(([a, , c]) =>
        [a, { name: 'control.tar', content: writeTar([good]).subarray(0, 600) }, c].flatMap((each) => each ?? []),
      ),
      /cut off/,
    ));
});

describe('a control file is refused', () => {
  test.each([
    ['without a package', { Package: undefined }, /has no Package/],
    ['without a version', { Version: undefined }, /has no Version/],
    ['without an architecture', { Architecture: undefined }, /has no Architecture/],
    ['with an empty version', { Version: '' }, /has no Version/],
    ['with a version with a slash', { Version: '1.0/../2' }, /not a Debian version/],
    ['with a version of two lines', { Version: '1.0\n 2' }, /not a Debian version/],
    ['with a name with a slash', { Package: '../demo' }, /not a package's name/],
    ['with a name in upper case', { Package: 'Demo' }, /not a package's name/],
    ['with a wildcard', { Architecture: 'linux-any' }, /not an architecture/],
    ['with two architectures', { Architecture: 'amd64 arm64' }, /not an architecture/],
    ['with an escape character', { Maintainer: '\u001b[2J' }, /control character/],
    ['with a NUL', { Description: 'a\0b' }, /control character/],
    ['with a status, which dpkg refuses', { Status: 'install ok installed' }, /field Status/],
  ])('%s', (_, control, message) => expectRefusal(() => parse({ control }), message));

  test.each([
    ['that is empty', '', /is empty/],
    ['with CRLF', String(controlContent()).replaceAll('\n', '\r\n'), /carriage returns/],
    ['with a field twice', `${controlContent()}package: other\n`, /a second time/],
    ['with a second paragraph', `${controlContent()}\nPackage: other\n`, /more than one paragraph/],
    ['without a newline at its end', String(controlContent()).trimEnd(), /does not end with a newline/],
    ['with a comment', `# comment\n${controlContent()}`, /neither a field/],
    ['that is not UTF-8', Buffer.from('Package: demo\nMaintainer: \xe4\n', 'latin1'), /not UTF-8/],
  ])('%s', (_, control, message) => expectRefusal(() => parse({ control }), message));
});

describe('damage', () => {
  test('is noticed wherever a package is cut off', async () => {
    const bytes = debBytes();
    for (let length = 0; length < bytes.length; length++) {
      expect(await refusalOf(() => parse(bytes.subarray(0, length)))).toBeDefined();
    }
  });

  test('of any bit gives nothing but a PackyardError, or a package', async () => {
    for (const compression of ['none', 'gz', 'zst'] as const) {
      const bytes = debBytes({ compression });
      const path = await write(bytes);
      const step = compression === 'none' ? 97 : 5;
      for (let bit = 0; bit < bytes.length * 8; bit += step) {
        const changed = new Uint8Array(bytes);
        changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        await Bun.write(path, changed);
        await refusalOf(() => parseDeb(path));
      }
    }
  });

  test('that is all there is gives nothing but a PackyardError', async () => {
    const garbage = fc.uint8Array({ maxLength: 400 });
    const behindMagic = garbage.map((bytes) => Buffer.concat([Buffer.from('!<arch>\n'), bytes]));
    const inControl = garbage.map((control) => debBytes({ control }));
    const inTar = garbage.map((content) =>
      debBytes({
        members: (all) =>
          all.map((each) => (each.name === 'control.tar.gz' ? { ...each, content: compress(content, 'gz') } : each)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(garbage, behindMagic, inControl, inTar), async (bytes) => {
        expect(await refusalOf(() => parse(bytes))).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });
});

toolTest('the control paragraph has the fields that apt-ftparchive gives', ['apt-ftparchive'], async () => {
  const control =
    'Package: demo\nX-Odd: a \nVersion: 1:2.0~rc1-1\nArchitecture: amd64\nMaintainer: Jürgen <j@example.org>\nInstalled-Size: 12\n' +
    'Depends:\nRecommends: bash,\n  coreutils  \nConffiles:\n /etc/demo abc\nSection: net\nPriority: optional\nHomepage:https://example.org/\n' +
    'Description: short \n long line  \n .\n  verbatim\n\n\n';
  const place = folder.join('ftparchive');
  await Bun.write(join(place, `demo${suffixOf('gz')}.deb`), debBytes({ control }));
  const index = runTool(['apt-ftparchive', 'packages', '.'], { cwd: place });
  const added = /^(?:Filename|Size|MD5sum|SHA1|SHA256|SHA512):/;
  const fieldsOf = (text: string) =>
    text
      .trimEnd()
      .split(/\n(?! )/)
      .filter((field) => !added.test(field))
      .sort();
  const parsed = await parse({ control });
  expect(fieldsOf(parsed.control)).toEqual(fieldsOf(index));
});
