import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inCheckout } from '../support/paths.ts';
import { codeOf, isTest, sourceFiles } from './source-files.ts';

const files = ['src', 'tests', 'bench'].flatMap(sourceFiles);
const FORMATS = readdirSync(inCheckout('src/formats'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe('files', () => {
  test('none has more than 500 lines', () => {
    const long = files.filter((file) => file.text.split('\n').length > 500);
    expect(long.map((file) => file.path)).toEqual([]);
  });

  test('are named in kebab-case', () => {
    const odd = files.filter((file) => !/(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.tsx?$/.test(file.path));
    expect(odd.map((file) => file.path)).toEqual([]);
  });

  test('have no loose ends and no switched-off checks', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-expect-error|@ts-nocheck|\bas any\b|:\s*any\b/;
    const loose = files.filter((file) => file.path !== 'tests/house/house.test.ts' && marks.test(codeOf(file)));
    expect(loose.map((file) => file.path)).toEqual([]);
  });

  test('import with node: and with file endings', () => {
    const bare = /from '(fs|path|os|crypto|stream|zlib|net|http|url|util|child_process)(\/promises)?'/;
    const noEnding = /from '\.{1,2}\/[^']*(?<!\.tsx?|\.mjs|\.json|\.css|\.sh|\.js)'/;
    const wrong = files.filter((file) => bare.test(file.text) || noEnding.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test('skip no test without saying what is missing', () => {
    const silent = /\b(?:test|it|describe)\.(?:skip|todo|only)\b/;
    const skipping = files.filter(
      (file) => isTest(file.path) && file.path !== 'tests/house/house.test.ts' && silent.test(codeOf(file)),
    );
    expect(skipping.map((file) => file.path)).toEqual([]);
  });
});

describe('every format', () => {
  test('is there at all', () => {
    expect(FORMATS).toContain('pypi');
    expect(FORMATS).toContain('generic');
  });

  test.each(FORMATS)('%s has the same files as its siblings and a page in docs/formats', (format) => {
    for (const file of ['index.ts', 'routes.ts', 'parse.ts', 'version.ts', 'documents.ts', 'errors.ts', 'usage.ts']) {
      expect(existsSync(inCheckout(`src/formats/${format}/${file}`)) ? file : `${file} is missing`).toBe(file);
    }
    expect(existsSync(inCheckout(`docs/formats/${format}.md`))).toBe(true);
  });

  test('has tests beside its files', () => {
    for (const format of FORMATS) {
      const names = readdirSync(inCheckout(`src/formats/${format}`));
      expect(names.some((name) => name.endsWith('.test.ts'))).toBe(true);
    }
  });

  test('a new one has a recipe', () => {
    expect(existsSync(inCheckout('docs/formats/adding-a-format.md'))).toBe(true);
  });
});

describe('the documents at the top', () => {
  test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE'])(
    '%s exists and says something',
    (name) => {
      expect(readFileSync(inCheckout(name), 'utf8').length).toBeGreaterThan(100);
    },
  );

  test('every relative link in them and in docs/ leads somewhere', () => {
    const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].concat(
      readdirSync(inCheckout('docs'), { recursive: true })
        .map((name) => `docs/${name}`)
        .filter((name) => name.endsWith('.md')),
    );
    const dead: string[] = [];
    for (const page of pages) {
      const text = readFileSync(inCheckout(page), 'utf8').replace(/```[\s\S]*?```/g, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:|^#/.test(target)) continue;
        const path = new URL(target, `file://${inCheckout(page)}`).pathname;
        if (!existsSync(decodeURIComponent(path))) dead.push(`${page}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test('README names what CI really runs', () => {
    expect(readFileSync(inCheckout('README.md'), 'utf8')).toContain('npm test');
    expect(readFileSync(inCheckout('.ci/run'), 'utf8')).toContain('npm test');
  });
});

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(inCheckout('package.json'), 'utf8')) as {
    bin: Record<string, string>;
    allowScripts: Record<string, boolean>;
  };

  test('has every command that it promises', () => {
    for (const path of Object.values(manifest.bin)) {
      expect(existsSync(inCheckout(path))).toBe(true);
      expect(readFileSync(inCheckout(path), 'utf8')).toStartWith('#!/usr/bin/env node');
    }
  });

  test('approves the install script of bun, without which nothing starts', () => {
    expect(manifest.allowScripts.bun).toBe(true);
  });

  test('has one lock file, without addresses of where packages were downloaded', () => {
    const lock = readFileSync(inCheckout('package-lock.json'), 'utf8');
    expect(lock).not.toContain('"resolved": "http');
    for (const name of ['bun.lock', 'bun.lockb', 'yarn.lock', 'pnpm-lock.yaml']) {
      expect(existsSync(inCheckout(name))).toBe(false);
    }
  });
});
