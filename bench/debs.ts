import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debBytes } from '../src/formats/apt/fixtures/deb-writer.ts';

/** A small package with ten files; all differ. */
export function makeDeb(series: string, number: number): Uint8Array<ArrayBuffer> {
  const name = `pkg-${series}-${number >> 2}`;
  return debBytes({
    control: {
      Package: name,
      Version: `1.${number % 4}.${number}`,
      Architecture: 'amd64',
      'Installed-Size': String(number),
      Depends: `libc6 (>= 2.34), libfoo${number % 17}`,
      Section: 'utils',
      Priority: 'optional',
      Description: `thing number ${number}\n A longer text that tells about number ${number * 7}.`,
    },
    files: Object.fromEntries(
      Array.from({ length: 10 }, (_, file) => [`usr/share/${name}/${number}/file-${file}`, `${number} ${file}\n`]),
    ),
  });
}

/** Writes packages into a folder. @returns their paths */
export function writeDebs(folder: string, series: string, count: number): readonly string[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: count }, (_, number) => {
    const path = join(folder, `${series}-${number}_amd64.deb`);
    writeFileSync(path, makeDeb(series, number));
    return path;
  });
}
