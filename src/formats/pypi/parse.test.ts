import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { PackyardError } from '../../model/errors.ts';
import {
  egg,
  metadataText,
  type Sample,
  sdist,
  sdistEntries,
  type TarEntry,
  wheel,
  wheelEntries,
  writeTarGz,
} from './fixtures/distributions.ts';
import { ScratchFolder } from './fixtures/scratch-folder.ts';
import { writeZip, type ZipEntry } from './fixtures/zip-writer.ts';
import { parseDistribution } from './parse.ts';
import { readTarSdist } from './sdist.ts';

let folder: ScratchFolder;
beforeAll(async () => {
  folder = await ScratchFolder.create();
});
afterAll(() => folder.remove());

async function parse(sample: Sample) {
  return parseDistribution(sample.fileName, await folder.write(sample.bytes));
}

/** The refusal's message; fails when the sample is accepted or when something else than a refusal comes out. */
async function refusal(sample: Sample): Promise<string> {
  const error = await parse(sample).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PackyardError)) throw new Error(`expected a refusal, got ${String(error)}`);
  expect(error.code).toBe('invalid_request');
  return error.message;
}

function zipped(entries: readonly ZipEntry[], fileName = 'demo-1.0-py3-none-any.whl'): Sample {
  return { fileName, bytes: writeZip(entries) };
}

function changed(name: string, change: Partial<ZipEntry>): ZipEntry[] {
  return wheelEntries().map((entry) => (String(entry.name).endsWith(name) ? { ...entry, ...change } : entry));
}

async function tarred(entries: readonly TarEntry[], fileName = 'demo-1.0.tar.gz'): Promise<Sample> {
  return { fileName, bytes: await writeTarGz(entries) };
}

describe('a wheel', () => {
  test('gives name, version, tag and the fields that the index repeats', async () => {
    const headers = ['Summary: A  demonstration', 'Requires-Python: >=3.9'];
    const found = await parse(wheel({ name: 'Demo-Package', version: '1.0rc1', headers, description: 'Long.\n' }));
    expect(found.name).toBe('Demo-Package');
    expect(found.version).toBe('1.0rc1');
    expect(found.metadata).toMatchObject({
      fileType: 'bdist_wheel',
      pythonTag: 'py3',
      requiresPython: '>=3.9',
      summary: 'A demonstration',
    });
  });

  test('keeps METADATA byte for byte, with its digest', async () => {
    const content = Buffer.from(
      'Metadata-Version: 9.9\r\nName: demo\r\nVersion: 1.0\r\nNew-Field: ü\r\n\r\n\xff body',
      'latin1',
    );
    const { sidecar, metadata } = await parse(zipped(changed('METADATA', { content })));
    expect(sidecar.name).toBe('METADATA');
    expect(Buffer.from(sidecar.content).equals(content)).toBe(true);
    expect(metadata.coreMetadataSha256).toBe(new Bun.CryptoHasher('sha256').update(content).digest('hex'));
  });

  test('may have data descriptors, as streaming writers leave them', async () => {
    const entries = wheelEntries().map((entry) => ({ ...entry, descriptor: true }));
    expect((await parse(zipped(entries))).name).toBe('demo');
  });

  test('must be a zip archive', async () => {
    expect(
      await refusal({ fileName: 'demo-1.0-py3-none-any.whl', bytes: new Uint8Array(Buffer.from('hello')) }),
    ).toContain('not a whole zip archive');
  });

  test('must not be cut off', async () => {
    const { fileName, bytes } = wheel();
    expect(await refusal({ fileName, bytes: bytes.slice(0, bytes.length / 2) })).toContain('not a whole zip archive');
  });

  test('must have one .dist-info folder', async () => {
    expect(await refusal(zipped([{ name: 'demo.py', content: '' }]))).toContain('no .dist-info');
    const second = { name: 'other-1.0.dist-info/METADATA', content: metadataText({ name: 'other' }) };
    expect(await refusal(zipped([...wheelEntries(), second]))).toContain('2 .dist-info folders');
  });

  for (const required of ['METADATA', 'WHEEL', 'RECORD']) {
    test(`must have ${required}`, async () => {
      const entries = wheelEntries().filter(({ name }) => !String(name).endsWith(required));
      expect(await refusal(zipped(entries))).toContain(`has no demo-1.0.dist-info/${required}`);
    });
  }

  test('must have a folder that belongs to its file name', async () => {
    expect(await refusal({ ...wheel(), fileName: 'other-1.0-py3-none-any.whl' })).toContain('does not belong');
    expect(await refusal({ ...wheel(), fileName: 'demo-1.1-py3-none-any.whl' })).toContain('does not belong');
  });

  test('must have METADATA that belongs to its file name', async () => {
    const content = metadataText({ name: 'demo', version: '2.0' });
    expect(await refusal(zipped(changed('METADATA', { content })))).toContain('the file name says demo 1.0');
  });

  test('must not hold a name twice', async () => {
    const entries = wheelEntries();
    const twice = [...entries, { name: 'demo/__init__.py', content: 'value = 2\n' }];
    expect(await refusal(zipped(twice))).toContain('"demo/__init__.py" twice');
    expect(await refusal(zipped([...entries, { name: 'demo/__init__.py/', content: '' }]))).toContain('twice');
  });

  for (const [name, reason] of [
    ['../evil.py', 'points outside'],
    ['demo/../../evil.py', 'points outside'],
    ['/etc/passwd', 'is absolute'],
    ['C:/evil.py', 'is absolute'],
    ['demo\\evil.py', 'backslash'],
    ['demo/\0evil.py', 'control character'],
    ['demo/./evil.py', 'more than one spelling'],
    ['', 'is empty'],
  ] as const) {
    test(`must not hold the name ${JSON.stringify(name)}`, async () => {
      expect(await refusal(zipped([...wheelEntries(), { name, content: '' }]))).toContain(reason);
    });
  }

  test('must have names in UTF-8', async () => {
    const name = new Uint8Array([0x64, 0xff, 0xfe]);
    expect(await refusal(zipped([...wheelEntries(), { name, content: '' }]))).toContain('not UTF-8');
  });

  test('must not describe a file in two ways', async () => {
    expect(await refusal(zipped(changed('__init__.py', { localName: 'demo/__main__.py' })))).toContain('two ways');
    const extra = Buffer.concat([Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0]), Buffer.from('evil')]);
    expect(await refusal(zipped(changed('__init__.py', { extra })))).toContain('two names');
  });

  test('must not hide bytes or entries between its files', async () => {
    expect(await refusal(zipped(changed('__init__.py', { padding: 5 })))).toContain('unlisted bytes');
    const hidden = { name: 'evil.py', content: 'evil', unlisted: true };
    expect(await refusal(zipped([...wheelEntries(), hidden]))).toContain('unlisted bytes');
    expect(await refusal(zipped([hidden, ...wheelEntries()]))).toContain('unlisted bytes');
  });

  test('must end where it says', async () => {
    const bytes = writeZip(wheelEntries(), { trailer: Buffer.from('more') });
    expect(await refusal({ fileName: 'demo-1.0-py3-none-any.whl', bytes })).toContain('behind its end');
  });

  test('must not be encrypted', async () => {
    expect(await refusal(zipped(changed('__init__.py', { flags: 0x0801 })))).toContain('encrypted');
  });

  test('must have METADATA of a sensible size, by its header', async () => {
    expect(await refusal(zipped(changed('METADATA', { declaredSize: 2 ** 31 })))).toContain('larger than 4194304');
  });

  test('must have METADATA of a sensible size, whatever its header says', async () => {
    const bytes = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    const bomb = { raw: { bytes, method: 8 }, declaredSize: 1000, content: '' };
    expect(await refusal(zipped(changed('METADATA', bomb)))).toContain('longer than the archive says');
  });

  test('must have METADATA that is as long as its header says and unbroken', async () => {
    expect(await refusal(zipped(changed('METADATA', { declaredSize: 4000 })))).toContain('not as long as');
    expect(await refusal(zipped(changed('METADATA', { declaredCrc32: 1 })))).toContain('checksum');
    const raw = { bytes: Buffer.from('no deflate'), method: 8 };
    expect(await refusal(zipped(changed('METADATA', { raw })))).toContain('cannot be decompressed');
    expect(await refusal(zipped(changed('METADATA', { raw: { ...raw, method: 99 } })))).toContain('not supported');
  });

  test('may use zip64 records, as those over 4 GiB do', async () => {
    const bytes = writeZip(wheelEntries(), { zip64: true });
    expect((await parse({ fileName: 'demo-1.0-py3-none-any.whl', bytes })).name).toBe('demo');
  });

  test('must not hold more entries than the limit', async () => {
    const entries = Array.from({ length: 100_001 }, (_, index) => ({ name: `f${index}`, content: '' }));
    const bytes = writeZip(entries, { zip64: true });
    expect(await refusal({ fileName: 'demo-1.0-py3-none-any.whl', bytes })).toContain('more than 100000 files');
  });

  test('must hold as many entries as it says', async () => {
    for (const declaredCount of [3, 5]) {
      const bytes = writeZip(wheelEntries(), { declaredCount });
      expect(await refusal({ fileName: 'demo-1.0-py3-none-any.whl', bytes })).toContain('directory');
    }
  });
});

describe('core metadata', () => {
  for (const [title, content, reason] of [
    ['without a name', 'Metadata-Version: 2.1\nVersion: 1.0\n', 'no valid name'],
    ['with a name that is none', 'Name: -demo\nVersion: 1.0\n', 'no valid name'],
    ['without a version', 'Name: demo\n', 'no valid version'],
    ['with a version that is none', 'Name: demo\nVersion: one\n', 'no valid version'],
    ['with two names', 'Name: demo\nName: evil\nVersion: 1.0\n', '"name" more than once'],
    [
      'with two Requires-Python',
      'Name: demo\nVersion: 1.0\nRequires-Python: >3\nRequires-Python: >2\n',
      'more than once',
    ],
    ['that is empty', '', 'no valid name'],
  ] as const) {
    test(`${title} is refused`, async () => {
      expect(await refusal(zipped(changed('METADATA', { content })))).toContain(reason);
    });
  }
});

describe('an sdist', () => {
  test('gives name and version out of PKG-INFO in its top folder', async () => {
    const found = await parse(await sdist({ headers: ['Requires-Python: >=3.9'] }));
    expect(found.name).toBe('demo');
    expect(found.metadata).toEqual({
      fileType: 'sdist',
      pythonTag: 'source',
      requiresPython: '>=3.9',
      summary: undefined,
      coreMetadataSha256: undefined,
    });
    expect(found.sidecar.name).toBe('PKG-INFO');
  });

  test('may have dashes in its name, as older tools write it', async () => {
    const found = await parse(await sdist({ name: 'My.Demo-pkg', version: '1.0-1' }));
    expect(found.version).toBe('1.0.post1');
  });

  test('may be a zip archive', async () => {
    const entries = [{ name: 'demo-1.0/PKG-INFO', content: metadataText(), deflate: true }];
    expect((await parse(zipped(entries, 'demo-1.0.zip'))).metadata.fileType).toBe('sdist');
  });

  test('may begin its names with "./"', async () => {
    expect((await parse(await tarred(sdistEntries().map((e) => ({ ...e, name: `./${e.name}` }))))).name).toBe('demo');
  });

  test('must be a whole archive', async () => {
    const { fileName, bytes } = await sdist();
    for (const length of [0, 1, 10, bytes.length >> 1, bytes.length - 9, bytes.length - 1]) {
      expect(await refusal({ fileName, bytes: bytes.slice(0, length) })).toMatch(/cut off or damaged|not an sdist/);
    }
    expect(await refusal({ fileName, bytes: new Uint8Array(Buffer.from('no gzip at all')) })).toContain(
      'cut off or damaged',
    );
    expect(await refusal({ fileName, bytes: Bun.gzipSync(new Uint8Array(Buffer.alloc(700, 'x'))) })).toContain(
      'damaged',
    );
  });

  test('must have one PKG-INFO, a regular file', async () => {
    expect(await refusal(await tarred([{ name: 'demo-1.0/setup.py', content: '' }]))).toContain('no PKG-INFO');
    const second = { name: 'other/PKG-INFO', content: metadataText() };
    expect(await refusal(await tarred([...sdistEntries(), second]))).toContain('more than once');
    const link = { name: 'demo-1.0/PKG-INFO', type: 'symlink', linkname: '/etc/passwd' } as const;
    expect(await refusal(await tarred([link]))).toContain('not a regular file');
  });

  test('is refused at its second PKG-INFO, without reading on to a third', async () => {
    const second = { name: 'other/PKG-INFO', content: metadataText() };
    const noise = { name: 'demo-1.0/noise', content: crypto.getRandomValues(new Uint8Array(60_000)) };
    const whole = await writeTarGz([...sdistEntries(), second, noise]);
    const path = await folder.write(whole.subarray(0, whole.length - 20_000));
    await expect(readTarSdist(path)).rejects.toThrow('more than once');
  });

  test('must not have PKG-INFO of unreasonable size', async () => {
    const huge = { name: 'demo-1.0/PKG-INFO', content: new Uint8Array(5 * 1024 * 1024) };
    expect(await refusal(await tarred([huge]))).toContain('larger than');
  });

  test('must not hold names that lead outside', async () => {
    expect(await refusal(await tarred([...sdistEntries(), { name: '../evil', content: '' }]))).toContain('outside');
  });

  test('must not unpack to more than the limit', async () => {
    const path = await folder.write(await writeTarGz([{ name: 'demo-1.0/zeros', content: new Uint8Array(3_000_000) }]));
    await expect(readTarSdist(path, 2_000_000)).rejects.toThrow('unpacks to more than 2000000 bytes');
  });

  test('must agree with its file name', async () => {
    expect(await refusal({ ...(await sdist()), fileName: 'other-1.0.tar.gz' })).toContain(
      'the file name says other 1.0',
    );
  });
});

describe('an egg', () => {
  test('gives name, version and its Python', async () => {
    const found = await parse(egg({ name: 'pyircbot', version: '4.0.0.post3' }));
    expect(found).toMatchObject({
      name: 'pyircbot',
      version: '4.0.0.post3',
      metadata: { fileType: 'bdist_egg', pythonTag: '3.5' },
    });
  });

  test('must have PKG-INFO', async () => {
    expect(await refusal(zipped([], 'demo-1.0-py3.5.egg'))).toContain('has no EGG-INFO/PKG-INFO');
  });
});

describe('a file name', () => {
  for (const fileName of ['demo.txt', 'demo-1.0.tar.bz2', 'demo.whl', 'demo-1.0.exe', '']) {
    test(`${JSON.stringify(fileName)} is refused`, async () => {
      expect(await refusal({ ...wheel(), fileName })).toMatch(
        /not a (Python distribution|distribution's file name|valid)/,
      );
    });
  }

  for (const fileName of [
    '../demo-1.0-py3-none-any.whl',
    'a\0-1.0-py3-none-any.whl',
    `${'a'.repeat(300)}-1.0.tar.gz`,
  ]) {
    test(`${JSON.stringify(fileName.slice(0, 40))} is refused`, async () => {
      expect(await refusal({ ...wheel(), fileName })).toContain('not a valid file name');
    });
  }
});

describe('whatever the bytes', () => {
  test('mutated and truncated archives are read or refused, never anything else', async () => {
    const samples = [wheel({ description: 'text' }), egg(), await sdist(), zipped([], 'demo-1.0.zip')];
    const mutation = fc.record({
      sample: fc.nat({ max: samples.length - 1 }),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat({ max: 255 })), {
        maxLength: 8,
      }),
      keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ sample, flips, keep }) => {
        const original = samples[sample];
        if (!original) return;
        const bytes = original.bytes.slice();
        for (const [place, value] of flips) bytes[Math.floor(place * bytes.length)] = value;
        const truncated = bytes.slice(0, Math.floor(keep * bytes.length));
        await parse({ fileName: original.fileName, bytes: truncated }).catch((error: unknown) => {
          if (!(error instanceof PackyardError) || error.code !== 'invalid_request') throw error;
        });
      }),
      { numRuns: 1500 },
    );
  });

  test('tar streams that are damaged inside sound gzip are read or refused', async () => {
    const { bytes } = await sdist();
    const plain = Bun.gunzipSync(bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: plain.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }),
        fc.nat({ max: plain.length }),
        async (flips, cut) => {
          const tar = plain.slice();
          for (const [place, value] of flips) tar[place] = value;
          for (const length of [tar.length, cut]) {
            const sample = { fileName: 'demo-1.0.tar.gz', bytes: Bun.gzipSync(tar.slice(0, length)) };
            await parse(sample).catch((error: unknown) => {
              if (!(error instanceof PackyardError) || error.code !== 'invalid_request') throw error;
            });
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
