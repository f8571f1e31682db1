import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ROOT } from '../support/paths.ts';

export interface SourceFile {
  /** Relative to the checkout: `src/formats/pypi/parse.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports: paths relative to the checkout for our own files, else the module's name. */
  readonly imports: readonly string[];
}

/** Every TypeScript file below a folder of the checkout. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/node_modules/') && !path.includes('/fixtures/'))
    .map(readSource)
    .sort((left, right) => left.path.localeCompare(right.path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const loader = path.endsWith('x') ? 'tsx' : 'ts';
  // The scanner leaves out what is only a type; a room must not know the types above it either.
  const scanned = new Bun.Transpiler({ loader }).scanImports(text).map((found) => found.path);
  const types = [...text.matchAll(/^(?:import|export)\s+type\b[^'"]*from\s*['"]([^'"]+)['"]/gm)].map(
    ([, name]) => name ?? '',
  );
  const inline = [...text.matchAll(/^(?:import|export)\b[^'"]*from\s*['"]([^'"]+)['"]/gm)].map(
    ([, name]) => name ?? '',
  );
  const names = new Set([...scanned, ...types, ...inline]);
  const imports = [...names].map((name) => (name.startsWith('.') ? relative(ROOT, resolve(path, '..', name)) : name));
  return { path: relative(ROOT, path), text, imports };
}

/** The text without comments and without the contents of strings, for rules about what code does. */
export function codeOf(file: SourceFile): string {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$|-suite\.ts$|\/test(ing|-[a-z-]+)\.ts$/.test(path);
}
