import { createHash } from 'node:crypto';
import { makeTarGz } from './tar.ts';
import { type ArchiveEntry, makeZip } from './zip.ts';

export interface DistributionOptions {
  /** As in METADATA, any spelling. */
  readonly name: string;
  readonly version: string;
  readonly requiresPython?: string;
  readonly requires?: readonly string[];
  /** What the wheel is for, e.g. `cp312-cp312-win_amd64`; `py3-none-any` if left out. */
  readonly tag?: string;
  /** Goes into the module, so that two files of one name can differ. */
  readonly marker?: string;
}

export interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** METADATA or PKG-INFO as it lies in the archive. */
  readonly metadata: string;
  readonly sha256: string;
  /** The module that the wheel installs; its `VERSION` is the version. */
  readonly module: string;
}

/** A pure-Python wheel that pip, uv and Poetry install. PEP 427. */
export function makeWheel(options: DistributionOptions): Distribution {
  const { module, metadata } = describe(options);
  const { tag = 'py3-none-any' } = options;
  const info = `${module}-${options.version}.dist-info`;
  const entries: ArchiveEntry[] = [
    { name: `${module}.py`, content: moduleSource(options) },
    { name: `${info}/METADATA`, content: metadata },
    {
      name: `${info}/WHEEL`,
      content: `Wheel-Version: 1.0\nGenerator: packyard-tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    },
  ];
  const record = entries.map(
    ({ name, content }) => `${name},sha256=${recordDigest(content)},${Buffer.from(content).length}`,
  );
  record.push(`${info}/RECORD,,`, '');
  const bytes = makeZip([...entries, { name: `${info}/RECORD`, content: record.join('\n') }]);
  return finish(options, `${module}-${options.version}-${tag}.whl`, bytes, metadata, module);
}

/** A source distribution that carries PKG-INFO. PEP 625. */
export function makeSdist(options: DistributionOptions): Distribution {
  const { module, metadata } = describe(options);
  const top = `${module}-${options.version}`;
  const bytes = makeTarGz([
    { name: `${top}/PKG-INFO`, content: metadata },
    { name: `${top}/pyproject.toml`, content: '[build-system]\nrequires = []\nbuild-backend = "backend"\n' },
    { name: `${top}/${module}.py`, content: moduleSource(options) },
  ]);
  return finish(options, `${top}.tar.gz`, bytes, metadata, module);
}

/** The old setuptools format, as the uploads of artifactd's README show it. */
export function makeEgg(options: DistributionOptions): Distribution {
  const { module, metadata } = describe(options);
  const bytes = makeZip([
    { name: 'EGG-INFO/PKG-INFO', content: metadata },
    { name: `${module}.py`, content: moduleSource(options) },
  ]);
  return finish(options, `${module}-${options.version}-py3.11.egg`, bytes, metadata, module);
}

function describe(options: DistributionOptions): { readonly module: string; readonly metadata: string } {
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${options.name}`,
    `Version: ${options.version}`,
    'Summary: made by a test',
  ];
  if (options.requiresPython) lines.push(`Requires-Python: ${options.requiresPython}`);
  for (const requirement of options.requires ?? []) lines.push(`Requires-Dist: ${requirement}`);
  const module = options.name.toLowerCase().replace(/[-_.]+/g, '_');
  return { module, metadata: `${lines.join('\n')}\n\nA description.\n` };
}

function moduleSource(options: DistributionOptions): string {
  return `VERSION = ${JSON.stringify(options.version)}\nMARKER = ${JSON.stringify(options.marker ?? '')}\n`;
}

function recordDigest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url');
}

function finish(
  { name, version }: DistributionOptions,
  fileName: string,
  bytes: Uint8Array<ArrayBuffer>,
  metadata: string,
  module: string,
): Distribution {
  return { name, version, fileName, bytes, metadata, module, sha256: sha256(bytes) };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
