import { describe, expect, test } from 'bun:test';
import { codeOf, isTest, type SourceFile, sourceFiles } from './source-files.ts';

/** Which rooms a room may look into, beside itself. Data flows one way, and only the composition root sees everything. */
const RANK: Readonly<Record<string, number>> = {
  cli: 0,
  server: 1,
  web: 1,
  formats: 2,
  registry: 3,
  database: 4,
  storage: 4,
  upstream: 4,
  telemetry: 5,
  config: 5,
  model: 6,
};

/** Libraries for other people's programs: they stand beside the rooms. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  client: [],
  bucket: ['storage', 'model'],
  mirror: ['client', 'model'],
};

const files = sourceFiles('src');

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const beside = BESIDE[from];
  if (beside) return beside.includes(to);
  // The command line is made of the libraries; nothing else is.
  if (to in BESIDE) return from === 'cli';
  if (from === 'formats' && ['database', 'storage', 'config', 'upstream'].includes(to)) return false;
  const fromRank = RANK[from];
  const toRank = RANK[to];
  if (fromRank === undefined || toRank === undefined) return false;
  return toRank > fromRank || (from === 'server' && to === 'web');
}

function violations(check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));
}

describe('the import direction', () => {
  test('finds the rooms, so that it cannot pass by looking nowhere', () => {
    const rooms = new Set(files.map((file) => roomOf(file.path)));
    for (const room of ['cli', 'server', 'formats', 'registry', 'database', 'storage', 'model']) {
      expect(rooms).toContain(room);
    }
    expect(files.some((file) => file.imports.some((name) => name.startsWith('src/registry/')))).toBe(true);
  });

  test('every room is known', () => {
    const rooms = new Set(files.map((file) => roomOf(file.path)).filter((room) => room !== undefined));
    expect([...rooms].filter((room) => !(room in RANK) && !(room in BESIDE))).toEqual([]);
  });

  test('no room imports from a room above it', () => {
    expect(
      violations((file) => {
        const from = roomOf(file.path);
        // A test may set up what its subject is given: a real database, a real store.
        if (from === undefined || isTest(file.path)) return [];
        return file.imports.filter((name) => {
          const to = roomOf(name);
          return to !== undefined && !mayImport(from, to);
        });
      }),
    ).toEqual([]);
  });

  test('formats do not know each other; only their list knows them all', () => {
    expect(
      violations((file) => {
        const own = /^src\/formats\/([^/]+)\//.exec(file.path)?.[1];
        if (own === undefined) return [];
        return file.imports.filter((name) => {
          const other = /^src\/formats\/([^/]+)\//.exec(name)?.[1];
          return name === 'src/formats/index.ts' || (other !== undefined && other !== own);
        });
      }),
    ).toEqual([]);
    expect(
      violations((file) =>
        file.path.startsWith('src/formats/') || isTest(file.path)
          ? []
          : file.imports.filter((name) => /^src\/formats\/[^/]+\//.test(name)),
      ),
    ).toEqual([]);
  });

  test('nothing imports the tests, and nothing outside src is needed to run it', () => {
    expect(
      violations((file) =>
        isTest(file.path)
          ? []
          : file.imports.filter((name) => isTest(name) || /^(tests|bench|scripts)\//.test(name) || name === 'bun:test'),
      ),
    ).toEqual([]);
  });

  test('the client library runs on Node too: no Bun, and Web APIs only', () => {
    expect(
      violations((file) => {
        if (roomOf(file.path) !== 'client' || isTest(file.path)) return [];
        const modules = file.imports.filter((name) => /^bun(:|$)/.test(name));
        return /\bBun\./.test(codeOf(file)) ? [...modules, 'uses Bun'] : modules;
      }),
    ).toEqual([]);
  });
});

describe('what only one place may do', () => {
  test('only src/config reads the environment', () => {
    expect(
      violations((file) =>
        !file.path.startsWith('src/config/') &&
        !isTest(file.path) &&
        /\b(?:process|Bun)\.env\b|import\.meta\.env\b/.test(codeOf(file))
          ? ['reads the environment']
          : [],
      ),
    ).toEqual([]);
  });

  test('responses are made in server, web and the formats’ routes and errors', () => {
    const allowed = /^src\/(server|web)\/|^src\/formats\/[^/]+\/(routes|errors)\.tsx?$/;
    expect(
      violations((file) =>
        !allowed.test(file.path) &&
        !isTest(file.path) &&
        /\bnew Response\b|\bResponse\.(json|redirect|error)\(/.test(codeOf(file))
          ? ['makes a Response']
          : [],
      ),
    ).toEqual([]);
  });

  test('SQL is asked in database and registry alone', () => {
    expect(
      violations((file) =>
        !/^src\/(database|registry)\//.test(file.path) &&
        !isTest(file.path) &&
        file.imports.some((name) => name === 'kysely' || name === 'bun:sqlite')
          ? ['talks to the database']
          : [],
      ),
    ).toEqual([]);
  });

  test('nobody buffers a whole form', () => {
    expect(
      violations((file) => (!isTest(file.path) && /\.formData\(\)/.test(codeOf(file)) ? ['formData()'] : [])),
    ).toEqual([]);
  });
});
