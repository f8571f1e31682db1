import { type Context, Hono } from 'hono';
import type { Format, HttpEnv } from '../formats/format.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef, type RepositoryRef } from '../model/repository-ref.ts';
import type { Repository } from '../registry/model.ts';
import { findAsset } from './assets/index.ts';
import type { WebContext } from './context.ts';
import { findPackages } from './find-packages.ts';
import { findFormat, openRepository } from './open-repository.ts';
import { FormatPage } from './pages/format-page.tsx';
import { FormatsPage } from './pages/formats-page.tsx';
import { HomePage } from './pages/home-page.tsx';
import { PackagePage, type VersionEntry } from './pages/package-page.tsx';
import { RepositoryPage } from './pages/repository-page.tsx';
import { SearchPage } from './pages/search-page.tsx';
import { frameOf, renderError, renderNotFound, renderPage } from './render.tsx';

const PACKAGES_PER_PAGE = 100;
const HITS = 100;
const VERSIONS_PER_PAGE = 50;
const LONGEST_SEARCH = 255;

type Handler = (c: Context<HttpEnv>) => Promise<Response>;

/** The pages, to be mounted at `/`. Takes only its own paths: everything else falls through. */
export function createWeb(context: WebContext): Hono<HttpEnv> {
  const web = new Hono<HttpEnv>();
  web.onError(renderError);
  const page = (path: string, handler: Handler) => web.get(path, handler);

  page('/', (c) => home(context, c));
  page('/search', (c) => search(context, c));
  page('/sign-in', (c) => signIn(c));
  for (const path of ['/repo', '/repo/']) {
    page(path, (c) => renderPage(<FormatsPage frame={frameOf(c)} formats={context.formats} />));
  }
  for (const path of ['/repo/:format', '/repo/:format/']) page(path, (c) => format(context, c));
  for (const path of ['/browse/:format/:name', '/browse/:format/:name/']) page(path, (c) => repository(context, c));
  page('/browse/:format/:name/:package', (c) => packageDetails(context, c));
  page('/browse/*', renderNotFound);
  web.get('/assets/:name', (c) => asset(c));
  return web;
}

async function home(context: WebContext, c: Context<HttpEnv>): Promise<Response> {
  const all = await readableRepositories(context, c);
  const groups = context.formats.map((entry) => ({
    format: entry,
    repositories: all.filter(({ ref }) => ref.format === entry.id),
  }));
  const firstSteps = context.formats.map((entry) => ({
    format: entry,
    snippets: snippetsFor(context, c, entry, { format: entry.id, name: 'tools' }),
  }));
  return renderPage(<HomePage frame={frameOf(c)} groups={groups} firstSteps={firstSteps} />);
}

/** Makes the browser ask for credentials, which it then sends with every request below this path's folder: all of them. */
async function signIn(c: Context<HttpEnv>): Promise<Response> {
  if (c.var.principal.kind === 'anonymous') throw new PackyardError('unauthenticated', 'You are not signed in.');
  return new Response(null, { status: 303, headers: { location: './', 'cache-control': 'no-store' } });
}

async function search(context: WebContext, c: Context<HttpEnv>): Promise<Response> {
  const text = searchText(c.req.query('q')) ?? '';
  const find = async () =>
    context.registry.search({ text, repositories: await readableRepositories(context, c), limit: HITS });
  const result = text === '' ? undefined : await find();
  return renderPage(<SearchPage frame={frameOf(c)} text={text} result={result} />);
}

async function format(context: WebContext, c: Context<HttpEnv>): Promise<Response> {
  const { format: name = '' } = c.req.param();
  const found = findFormat(context, name);
  const repositories = await readableRepositories(context, c, found.id);
  return renderPage(<FormatPage frame={frameOf(c)} format={found} name={name} repositories={repositories} />);
}

async function repository(context: WebContext, c: Context<HttpEnv>): Promise<Response> {
  const opened = await openRepository(context, c);
  const search = searchText(c.req.query('q')) ?? '';
  const after = searchText(c.req.query('after'));
  const limit = PACKAGES_PER_PAGE;
  const { packages, next, more } = await findPackages(context.registry, opened.repository, { search, after, limit });
  return renderPage(
    <RepositoryPage
      frame={frameOf(c)}
      format={opened.format}
      repository={opened.repository}
      packages={packages}
      snippets={snippetsFor(context, c, opened.format, opened.repository.ref)}
      search={search}
      after={after}
      next={next}
      more={more}
    />,
  );
}

async function packageDetails(context: WebContext, c: Context<HttpEnv>): Promise<Response> {
  const opened = await openRepository(context, c);
  const { registry } = context;
  const name = opened.format.normalizeName(c.req.param('package') ?? '');
  const entry = await registry.package(opened.repository, name);
  if (!entry) throw notFound(`There is no package ${name} in ${formatRepositoryRef(opened.repository.ref)}.`);
  const [unsorted, aliases] = await Promise.all([
    registry.versions(opened.repository, name),
    registry.aliases(opened.repository, name),
  ]);
  const versions = unsorted.toSorted((left, right) => opened.format.compareVersions(right, left));
  const start = Math.max(0, versions.indexOf(c.req.query('from') ?? ''));
  const shown = versions.slice(start, start + VERSIONS_PER_PAGE);
  const files = Map.groupBy(await registry.files(opened.repository, name, shown), (file) => file.version);
  return renderPage(
    <PackagePage
      frame={frameOf(c)}
      format={opened.format}
      repository={opened.repository}
      package={entry}
      aliases={aliases}
      versions={shown.map((version): VersionEntry => ({ version, files: files.get(version) ?? [] }))}
      versionCount={versions.length}
      next={versions[start + VERSIONS_PER_PAGE]}
    />,
  );
}

function asset(c: Context<HttpEnv>): Response | Promise<Response> {
  const found = findAsset(c.req.param('name') ?? '');
  if (!found) return renderNotFound(c);
  const headers = {
    'content-type': found.contentType,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  };
  return new Response(found.content, { headers });
}

async function readableRepositories(
  context: WebContext,
  c: Context<HttpEnv>,
  formatId?: string,
): Promise<readonly Repository[]> {
  const all = await context.registry.repositories(formatId);
  return all.filter((entry) => context.permissions.allows(c.var.principal, 'read', entry));
}

/** What a visitor typed, without what no name contains. */
function searchText(text: string | undefined): string | undefined {
  return text
    ?.replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim()
    .slice(0, LONGEST_SEARCH);
}

function snippetsFor(context: WebContext, c: Context<HttpEnv>, entry: Format, ref: RepositoryRef) {
  const server = context.publicUrl(c.req.raw);
  return entry.usage({ repository: ref, server, url: `${server}/repo/${entry.id}/${ref.name}` });
}
