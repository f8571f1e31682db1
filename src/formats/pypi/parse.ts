import { invalid } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import { type CoreMetadata, parseCoreMetadata } from './core-metadata.ts';
import { type Distribution, sidecarName } from './distribution.ts';
import { readEgg } from './egg.ts';
import { fileTypeOf, type ParsedFileName, parseFileName } from './file-name.ts';
import { readTarSdist, readZipSdist } from './sdist.ts';
import { normalizeName, sameVersion } from './version.ts';
import { readWheel } from './wheel.ts';

/** Longer summaries are cut: the row is for overviews, the sidecar keeps the whole. */
const MAX_SUMMARY_LENGTH = 512;
const MAX_REQUIRES_PYTHON_LENGTH = 256;

/**
 * Reads a distribution and checks that file name, folder and core metadata speak of the same project and version.
 * @param fileName the base name that the uploader gave
 * @param path where the bytes lie
 * @throws PackyardError `invalid_request` with the first contradiction
 */
export async function parseDistribution(fileName: string, path: string): Promise<Distribution> {
  parseSegment(fileName, 'file name');
  if (fileTypeOf(fileName) === undefined) {
    throw invalid(`not a Python distribution: ${JSON.stringify(fileName)}`, {
      hint: 'the index takes wheels (.whl), sdists (.tar.gz, .zip) and eggs (.egg)',
    });
  }
  const byName = parseFileName(fileName);
  if (!byName) throw misnamed(fileName);
  const content = await readMetadata(byName, fileName, path);
  const sidecar = { name: sidecarName(byName.fileType), content };
  const core = parseCoreMetadata(content, sidecar.name);
  // An sdist's name can be split in several ways; only now is it known which project is meant.
  const parsed = parseFileName(fileName, core.name);
  if (!parsed || !sameVersion(parsed.version, core.version)) {
    throw invalid(`the file name says ${byName.name} ${byName.version}, ${sidecar.name} ${core.name} ${core.version}`, {
      hint: `name and version must agree; a correct name would begin with ${expectedPrefix(core)}`,
    });
  }
  return {
    name: core.name,
    version: core.version,
    metadata: {
      fileType: parsed.fileType,
      pythonTag: parsed.pythonTag,
      requiresPython: requiresPython(core, sidecar.name),
      summary: core.fields.get('summary')?.[0]?.replace(/\s+/g, ' ').trim().slice(0, MAX_SUMMARY_LENGTH) || undefined,
      coreMetadataSha256: sidecar.name === 'METADATA' ? sha256(content) : undefined,
    },
    sidecar,
  };
}

function readMetadata(parsed: ParsedFileName, fileName: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  switch (parsed.fileType) {
    case 'bdist_wheel':
      return readWheel(path, parsed);
    case 'bdist_egg':
      return readEgg(path);
    case 'sdist':
      return fileName.endsWith('.zip') ? readZipSdist(path) : readTarSdist(path);
  }
}

/** The one field of the core metadata that the index itself repeats to installers. */
function requiresPython(core: CoreMetadata, source: string): string | undefined {
  const value = core.fields.get('requires-python')?.[0]?.replace(/\s+/g, ' ').trim();
  if (!value) return undefined;
  if (value.length > MAX_REQUIRES_PYTHON_LENGTH || /[\u0000-\u001f\u007f]/.test(value)) {
    throw invalid(`${source} has no valid Requires-Python: it is too long or has control characters`);
  }
  return value;
}

function misnamed(fileName: string): Error {
  const shapes: Readonly<Record<string, string>> = {
    bdist_wheel: 'NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl',
    sdist: 'NAME-VERSION.tar.gz',
    bdist_egg: 'NAME-VERSION-pyX.Y[-PLATFORM].egg',
  };
  return invalid(`not a distribution's file name: ${JSON.stringify(fileName)}`, {
    hint: `expected ${shapes[fileTypeOf(fileName) ?? ''] ?? ''}, with a version as in PEP 440`,
  });
}

function expectedPrefix(core: CoreMetadata): string {
  return `${normalizeName(core.name).replaceAll('-', '_')}-${core.version}`;
}

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}
