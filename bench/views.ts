import { LONG_PACKAGE, packageName, REPOSITORIES } from './fill-database.ts';

/** Something that people or their clients look at. */
export interface View {
  readonly kind: ViewKind;
  readonly what: string;
  /** @param pick a whole number below the given one, another each time */
  path(pick: (below: number) => number): string;
  readonly accept?: string;
}

export type ViewKind = 'list in the API' | 'page' | 'search' | 'index for clients';

const [{ packages: LARGE }, , { packages: BUILDS }] = REPOSITORIES;
const BUILDS_BEGIN = REPOSITORIES[0].packages + REPOSITORIES[1].packages;
const { name: LONG } = LONG_PACKAGE;

const inLarge = (pick: (below: number) => number): string => packageName(pick(LARGE));
const inBuilds = (pick: (below: number) => number): string => packageName(BUILDS_BEGIN + pick(BUILDS));

const API = '/api/v1/repositories/pypi/large';
const PAGE = '/browse/pypi/large';
const INDEX = '/repo/pypi/large';
const JSON_FORM = 'application/vnd.pypi.simple.v1+json';
/** Near the end of the alphabet. */
const LATE = 'velvet-monitor';

export const VIEWS: readonly View[] = [
  { kind: 'list in the API', what: 'repositories', path: () => '/api/v1/repositories' },
  { kind: 'list in the API', what: 'packages, first', path: () => `${API}/packages?limit=100` },
  { kind: 'list in the API', what: 'packages, middle', path: (pick) => `${API}/packages?after=${inLarge(pick)}` },
  { kind: 'list in the API', what: 'packages, last', path: () => `${API}/packages?after=${LATE}` },
  {
    kind: 'list in the API',
    what: 'packages, 1,000',
    path: (pick) => `${API}/packages?limit=1000&after=${inLarge(pick)}`,
  },
  { kind: 'list in the API', what: 'a package', path: (pick) => `${API}/packages/${inLarge(pick)}` },
  { kind: 'list in the API', what: 'revisions', path: () => `${API}/revisions` },
  { kind: 'list in the API', what: 'audit log', path: (pick) => `/api/v1/events?before=${1000 + pick(990_000)}` },

  { kind: 'page', what: 'home', path: () => '/' },
  { kind: 'page', what: 'format', path: () => '/repo/pypi/' },
  { kind: 'page', what: 'repository, first', path: () => PAGE },
  { kind: 'page', what: 'repository, middle', path: (pick) => `${PAGE}?after=${inLarge(pick)}` },
  { kind: 'page', what: 'repository, last', path: () => `${PAGE}?after=${LATE}` },
  { kind: 'page', what: 'package', path: (pick) => `${PAGE}/${inLarge(pick)}` },
  { kind: 'page', what: 'package with 1,000 files', path: () => `${PAGE}/${LONG}` },

  { kind: 'search', what: 'a common text', path: () => '/api/v1/search?q=lib' },
  { kind: 'search', what: 'the beginning of many names', path: () => '/api/v1/search?q=py' },
  { kind: 'search', what: 'a name', path: (pick) => `/api/v1/search?q=${inLarge(pick)}` },
  { kind: 'search', what: 'a rare text', path: () => '/api/v1/search?q=edle-in' },
  { kind: 'search', what: 'an absent text', path: () => '/api/v1/search?q=zzqx' },
  { kind: 'search', what: 'an absent text of two characters', path: () => '/api/v1/search?q=zq' },
  { kind: 'search', what: 'on the web', path: () => '/search?q=lib-c' },
  { kind: 'search', what: 'in a repository', path: () => '/browse/generic/firmware?q=lib' },

  { kind: 'index for clients', what: 'PyPI project, HTML', path: (pick) => `${INDEX}/${inLarge(pick)}/` },
  {
    kind: 'index for clients',
    what: 'PyPI project, JSON',
    path: (pick) => `${INDEX}/${inLarge(pick)}/`,
    accept: JSON_FORM,
  },
  { kind: 'index for clients', what: 'PyPI project with 1,000 files', path: () => `${INDEX}/${LONG}/` },
  { kind: 'index for clients', what: "PyPI's older JSON", path: (pick) => `${INDEX}/pypi/${inLarge(pick)}/json` },
  { kind: 'index for clients', what: 'PyPI root with 60,001 projects', path: () => `${INDEX}/` },
  {
    kind: 'index for clients',
    what: 'files, packages',
    path: (pick) => `/repo/generic/builds/?after=${inBuilds(pick)}`,
  },
  { kind: 'index for clients', what: 'files, a package', path: (pick) => `/repo/generic/builds/${inBuilds(pick)}/` },
];
